-- | Extensions and flags of GHC.
module Flags
  ( setFlags
  , pragmaFlags
  , Reach (..)
  ) where

import Compat (changeFlags, Reach (..))
import Context (keptImports, resetContext)
import Control.Monad (when)
import Data.Char (isSpace, toLower)
import Data.List (isPrefixOf)
import GHC (Ghc, getContext)
import Loops (stoppable)

-- | Sets flags as a command line has them; what GHC remarks. Fails with what is wrong. With other
-- packages GHC unloads all modules and forgets what is in scope: imports of packages stay.
setFlags :: Reach -> [String] -> Ghc (Either String [String])
setFlags reach options = do
  before <- getContext
  outcome <- changeFlags reach options
  after <- getContext
  when (null after) $ do
    stoppable
    keptImports [] before >>= resetContext
  pure outcome

-- | The flags that a header pragma stands for.
pragmaFlags :: String -> [String]
pragmaFlags text = case break isSpace (dropWhile isSpace (drop 3 (dropWhile isSpace text))) of
  (word, rest)
    | map toLower word == "language" -> ["-X" ++ name | name <- items (body rest)]
    | "options" `isPrefixOf` map toLower word -> words (body rest)
    | otherwise -> []
  where
    body = takeWhileNot "#-}"
    items = words . map (\c -> if c == ',' then ' ' else c)

takeWhileNot :: String -> String -> String
takeWhileNot stop = go
  where
    go rest
      | stop `isPrefixOf` rest = []
      | otherwise = case rest of
          c : more -> c : go more
          [] -> []
