-- | Directives: lines that start with a colon, as GHCi has them.
module Directive
  ( Directive (..)
  , directiveNames
  , parseDirective
  , Effect (..)
  , effect
  , runDirective
  ) where

import Data.Char (isSpace)
import Data.List (isPrefixOf)
import GHC (Ghc)

-- | A directive with its full name and what follows it.
data Directive = Directive
  { directiveName :: String
  , directiveArgument :: String
  }

-- | How a directive matters to what is compiled after it.
data Effect
  = Looks
  -- ^ It does not.
  | Changes (Ghc (Either String ()))
  -- ^ It changes flags or what is in scope.
  | Loads
  -- ^ What comes after it can only be compiled when it has run.

-- | Names of all directives.
directiveNames :: [String]
directiveNames = ["type"]

-- | Reads a line; what is wrong with it otherwise.
parseDirective :: String -> Either String Directive
parseDirective line = case [name | name <- directiveNames, word `isPrefixOf` name] of
  name : _ -> Right (Directive name (dropWhile isSpace argument))
  [] -> Left ("unknown directive :" ++ word)
  where
    (word, argument) = break isSpace (drop 1 (dropWhile isSpace line))

-- | What compiling has to know of a directive.
effect :: Directive -> Effect
effect _ = Looks

-- | Does what a directive says.
runDirective :: Directive -> Ghc ()
runDirective _ = pure ()
