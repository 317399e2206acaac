-- | Directives: lines that start with a colon, as GHCi has them.
module Directive
  ( Directive (..)
  , directiveNames
  , parseDirective
  , directiveEffect
  ) where

import Ask (askBrowse, askDoc, askInfo, askInstances, askKind, askType)
import Data.Char (isSpace)
import Data.IORef (IORef)
import Data.List (intercalate, isPrefixOf)
import Effect (Effect (..), answer)
import Help (helpText)
import Load
import Settings
import Show (showCommand, showInteractiveCommand)
import Toggles (Toggles)

-- | A directive with its full name, whether a @!@ followed the name, and the rest of the line.
data Directive = Directive
  { directiveName :: String
  , directiveBang :: Bool
  , directiveArgument :: String
  , directiveOffset :: Int
  -- ^ Characters of the line before the argument.
  }

type Command = IORef Toggles -> Bool -> String -> Effect

-- In the order in which an abbreviation is looked up, which is GHCi's.
commands :: [(String, Command)]
commands =
  [ ("?", \_ _ _ -> answer (pure (Right helpText)))
  , ("add", \_ _ -> addCommand)
  , ("browse", \_ bang -> answer . askBrowse bang)
  , ("cd", \_ _ -> directoryCommand)
  , ("doc", \_ _ -> answer . askDoc)
  , ("help", \_ _ _ -> answer (pure (Right helpText)))
  , ("info", \_ bang -> answer . askInfo bang)
  , ("kind", \_ bang -> answer . askKind bang)
  , ("load", \_ _ -> loadCommand)
  , ("module", \_ _ -> moduleCommand)
  , ("reload", \_ _ _ -> reloadCommand)
  , ("set", \toggles _ -> setCommand toggles)
  , ("seti", \toggles _ -> setInteractiveCommand toggles)
  , ("show", \toggles _ -> showCommand toggles)
  , ("showi", \_ _ -> showInteractiveCommand)
  , ("type", \_ _ -> answer . askType)
  , ("unset", \toggles _ -> unsetCommand toggles)
  , ("instances", \_ _ -> answer . askInstances)
  , ("extension", \toggles _ -> extensionCommand toggles)
  , ("option", \toggles _ -> optionCommand toggles)
  ]

-- | Names of all directives, in full.
directiveNames :: [String]
directiveNames = map fst commands

-- | Reads a line; what is wrong with it otherwise.
parseDirective :: String -> Either String Directive
parseDirective line = case afterColon of
  '!' : command -> Right (Directive "!" False command (indent + 2))
  _ -> case found of
    name : _ -> Right (Directive name bang argument (length line - length argument))
    [] -> Left (concat
      ["unknown command ':", word, "'; the directives are ", intercalate ", " (map (':' :) directiveNames), ", :!"])
  where
    indent = length (takeWhile isSpace line)
    afterColon = drop 1 (dropWhile isSpace line)
    (word, rest) = break isSpace afterColon
    bang = length word > 1 && last word == '!'
    name' = if bang then init word else word
    argument = trimEnd (dropWhile isSpace rest)
    found
      | null name' = []
      | otherwise = [n | n <- directiveNames, n == name'] ++ [n | n <- directiveNames, name' `isPrefixOf` n]
    trimEnd = reverse . dropWhile isSpace . reverse

-- | What a directive does.
directiveEffect :: IORef Toggles -> Directive -> Effect
directiveEffect toggles directive = case lookup (directiveName directive) commands of
  Just command -> command toggles (directiveBang directive) (directiveArgument directive)
  Nothing -> shellCommand (directiveArgument directive)
