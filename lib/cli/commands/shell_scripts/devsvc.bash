# Completion of devsvc in bash, that of macOS (3.2) too:
#   eval "$(devsvc completions bash)"
_devsvc() {
  local i word previous='' typed='' prefix candidate
  local -a words=()
  # bash takes --lang=fr apart; it is put together again.
  for ((i = 1; i <= COMP_CWORD; i++)); do
    word=${COMP_WORDS[i]}
    if [[ $typed == --* && ($word == '=' || $previous == '=') ]]; then
      typed+=$word
    else
      ((i > 1)) && words+=("$typed")
      typed=$word
    fi
    previous=$word
  done
  prefix=''
  [[ $typed == --*=* ]] && prefix=${typed%%=*}=
  COMPREPLY=()
  while IFS=$'\t' read -r candidate _; do
    if [[ $candidate == ':files' ]]; then
      # bash 3.2 has no compopt.
      compopt -o default 2>/dev/null && return
      while IFS= read -r candidate; do
        COMPREPLY+=("$candidate")
      done < <(compgen -f -- "${typed#"$prefix"}")
    else
      COMPREPLY+=("${candidate#"$prefix"}")
    fi
  done < <(command devsvc __complete "=$typed" ${words[@]+"${words[@]}"} </dev/null 2>/dev/null)
}
complete -F _devsvc devsvc
