-- | What @:?@ prints.
module Help
  ( helpText
  ) where

-- | The directives, each with a line.
helpText :: String
helpText = unlines
  [ "Directives:"
  , ""
  , "  :type <expression>          the type; :type +d with defaults, :type +v as it was declared"
  , "  :kind[!] <type>             the kind; with ! also the type worked out"
  , "  :info[!] <name> ...         declaration, fixity and instances; with ! all instances"
  , "  :doc <name>                 documentation"
  , "  :instances <type>           instances of a type"
  , "  :browse[!] [[*]<module>]    what a module exports; with * all that is at its top level"
  , "  :module [+/-] [*]<mod> ...  what is in scope"
  , "  :load[!] [*]<module> ...    modules or files, and what they import"
  , "  :add [*]<module> ...        more of them"
  , "  :reload[!]                  what changed since"
  , "  :cd <folder>                the folder of files and programs"
  , "  :set <option> ...           flags of GHC such as -XLambdaCase or -Wall; +t (print types), +s (time"
  , "                              and memory), args <arg> ..., prog <name>; alone: what is set"
  , "  :seti <flag> ...            flags for cells only, not for modules that are loaded"
  , "  :unset <option> ...         the reverse of :set"
  , "  :show <what>                imports, bindings, modules, packages, language, paths, targets, args, prog"
  , "  :showi language             the language of cells"
  , "  :!<command>                 a command of the shell"
  , "  :{ ... :}                   several lines as one input"
  , "  :? or :help                 this list"
  , ""
  , "Names may be shortened, as in :t or :i. From IHaskell: :extension <name> and :option <name>."
  ]
