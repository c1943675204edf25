# Completion of devsvc in fish:
#   devsvc completions fish | source
function __devsvc_complete
    set -l before (commandline -opc)
    set -l typed (commandline -ct)
    for line in (command devsvc __complete "=$typed" $before[2..-1] </dev/null 2>/dev/null)
        if test "$line" = :files
            __fish_complete_path (string replace -r '^--[^=]*=' '' -- "$typed")
        else
            echo $line
        end
    end
end
complete -c devsvc -f -a '(__devsvc_complete)'
