#compdef devsvc
# Completion of devsvc in zsh, after compinit:
#   source <(devsvc completions zsh)
# or as a file named _devsvc in a folder of $fpath.
_devsvc() {
  local line value
  local -a candidates
  while IFS= read -r line; do
    if [[ $line == ':files' ]]; then
      compset -P '*='
      _files
      return
    fi
    value=${line%%$'\t'*}
    candidates+=("${value//:/\\:}:${line#*$'\t'}")
  done < <(command devsvc __complete "=$PREFIX" "${(@)words[2,CURRENT-1]}" </dev/null 2>/dev/null)
  _describe -V devsvc candidates
}
if [[ $funcstack[1] == _devsvc ]]; then
  _devsvc "$@"
else
  compdef _devsvc devsvc
fi
