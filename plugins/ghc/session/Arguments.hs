-- | What follows a directive: words, and paths.
module Arguments
  ( arguments
  , expandHome
  ) where

import Data.Char (isSpace)
import Data.List (isPrefixOf)
import System.Directory (getHomeDirectory)
import Text.Read (readMaybe)

-- | Arguments as a shell has them, or as a Haskell list of strings.
arguments :: String -> [String]
arguments text
  | "[" `isPrefixOf` text, Just list <- readMaybe text = list
  | otherwise = split text
  where
    split rest = case dropWhile isSpace rest of
      [] -> []
      '"' : _ | [(quoted, more)] <- reads (dropWhile isSpace rest) -> quoted : split more
      word -> let (first, more) = break isSpace word in first : split more

-- | A path that may start with @~@.
expandHome :: FilePath -> IO FilePath
expandHome path = case path of
  '~' : rest | null rest || "/" `isPrefixOf` rest -> (++ rest) <$> getHomeDirectory
  _ -> pure path
