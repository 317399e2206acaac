-- | What the program says of itself before anything slow.
module Hello
  ( hello
  ) where

import GHC.Settings.Config (cProjectVersion)
import Json (Value, object, (.=))
import System.Posix.Process (getProcessID)

-- | The content of the hello message.
hello :: IO Value
hello = do
  pid <- getProcessID
  pure $ object
    [ "protocol" .= (1 :: Int)
    , "pid" .= (fromIntegral pid :: Int)
    , "name" .= "ghc"
    , "version" .= cProjectVersion
    , "language_info" .= object
        [ "name" .= "haskell"
        , "version" .= cProjectVersion
        , "mimetype" .= "text/x-haskell"
        , "file_extension" .= ".hs"
        , "pygments_lexer" .= "haskell"
        , "codemirror_mode" .= "haskell"
        ]
    , "banner" .= ("Haskell, by GHC " ++ cProjectVersion ++ ". :? lists the directives.")
    , "help_links" .= map link
        [ ("GHC User's Guide", "https://downloads.haskell.org/ghc/" ++ cProjectVersion ++ "/docs/users_guide/")
        , ("Haskell libraries", "https://hackage.haskell.org/")
        , ("Hoogle", "https://hoogle.haskell.org/")
        ]
    , "capabilities" .= ["compile", "compile_and_run", "interrupt", "checkpoint", "complete", "inspect", "is_complete"]
    ]
  where
    link (text, url) = object ["text" .= (text :: String), "url" .= (url :: String)]
