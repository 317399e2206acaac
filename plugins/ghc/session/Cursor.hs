-- | What a text is about at a place in it, as far as it can be told without reading it as Haskell:
-- code that is being written seldom parses.
module Cursor
  ( Mode (..)
  , scan
  , Place (..)
  , placeAt
  , Word' (..)
  , wordBefore
  , isNameChar
  ) where

import Data.Char (isAlpha, isAlphaNum, isLower, isSpace, isUpper, toLower)
import Data.List (isPrefixOf, stripPrefix)

-- | What the end of a text is inside of.
data Mode
  = Code
  | LineComment
  | BlockComment
  | Pragma String
  -- ^ With what it has so far.
  | Literal String
  -- ^ A string, with what it has so far.
  deriving (Eq, Show)

-- | Reads a text: where its end is, and its code with blanks in place of comments and strings.
scan :: String -> (Mode, String)
scan = code ' '
  where
    code _ [] = (Code, "")
    code before text = case text of
      '{' : '-' : '#' : rest -> pragma "" rest `after` "   "
      '{' : '-' : rest -> block (1 :: Int) rest `after` "  "
      '-' : '-' : rest | lineComment before rest -> line rest `after` "  "
      '"' : rest -> string "" rest `after` "\""
      '\'' : rest | not (isNameChar before), Just (size, more) <- character rest -> code '\'' more `after` replicate size ' '
      c : rest -> code c rest `after` [c]
    after (mode, more) blanks = (mode, blanks ++ more)
    lineComment before rest = not (isSymbol' before) && case dropWhile (== '-') rest of
      c : _ -> not (isSymbol' c)
      [] -> True
    line text = case text of
      [] -> (LineComment, "")
      '\n' : rest -> code ' ' rest `after` "\n"
      _ : rest -> line rest `after` " "
    block depth text = case text of
      [] -> (BlockComment, "")
      '{' : '-' : rest -> block (depth + 1) rest `after` "  "
      '-' : '}' : rest | depth == 1 -> code ' ' rest `after` "  "
                       | otherwise -> block (depth - 1) rest `after` "  "
      c : rest -> block depth rest `after` blank c
    pragma so text = case text of
      [] -> (Pragma (reverse so), "")
      '#' : '-' : '}' : rest -> code ' ' rest `after` "   "
      c : rest -> pragma (c : so) rest `after` blank c
    -- A string ends at its line's end unless the line break is inside a gap.
    string so text = case text of
      [] -> (Literal (reverse so), "")
      '"' : rest -> code '"' rest `after` "\""
      '\\' : c : rest
        | isSpace c, (gap, '\\' : more) <- span isSpace (c : rest) ->
            string so more `after` (" " ++ map (head . blank) gap ++ " ")
        | otherwise -> string (c : '\\' : so) rest `after` "  "
      '\n' : rest -> code ' ' rest `after` "\n"
      c : rest -> string (c : so) rest `after` " "
    blank c = if c == '\n' then "\n" else " "
    character text = case text of
      '\\' : c : rest | (more, '\'' : end) <- break (== '\'') rest, length more < 8 -> Just (3 + length more + length [c], end)
      c : '\'' : rest | c /= '\'' -> Just (3, rest)
      _ -> Nothing

-- | What stands at a place.
data Place
  = Nowhere
  -- ^ In a comment.
  | FileName String
  -- ^ In a string: what it has so far.
  | ExtensionName
  | PragmaName
  | FlagName
  | DirectiveName
  | DirectiveText String String
  -- ^ The directive, and what follows it so far.
  | ImportedModule
  | AfterModule
  -- ^ After the module of an import: @as@ and the like.
  | ImportedName String (Maybe String)
  -- ^ The module, and the type between whose brackets this is.
  | FieldName String
  -- ^ What stands before the brace.
  | Expression
  deriving (Eq, Show)

-- | The place at the end of a text.
placeAt :: String -> Place
placeAt text = case scan text of
  (LineComment, _) -> Nowhere
  (BlockComment, _) -> Nowhere
  (Pragma inside, _) -> case break isSpace (dropWhile isSpace inside) of
    (_, "") -> PragmaName
    (word, _) | map toLower word == "language" -> ExtensionName
              | "options" `isPrefixOf` map toLower word -> FlagName
    _ -> Nowhere
  (mode, blanked)
    | Just place <- directivePlace (lastLine text) -> place
    | Literal inside <- mode -> FileName inside
    | Just place <- importPlace blanked -> place
    | Just owner <- fieldOwner blanked -> FieldName owner
    | otherwise -> Expression

lastLine :: String -> String
lastLine = reverse . takeWhile (/= '\n') . reverse

directivePlace :: String -> Maybe Place
directivePlace line = case dropWhile isSpace line of
  ':' : '!' : rest -> Just (DirectiveText "!" rest)
  ':' : rest -> case span (\c -> isAlpha c || c `elem` "?!") rest of
    (_, "") -> Just DirectiveName
    (name, c : argument) | isSpace c -> Just (DirectiveText name (dropWhile isSpace argument))
    _ -> Nothing
  _ -> Nothing

-- An import reaches over the lines that are indented below it.
importPlace :: String -> Maybe Place
importPlace blanked = do
  declaration <- start (reverse (lines' blanked)) []
  afterWord <- stripPrefix "import" declaration
  case afterWord of
    c : _ | isSpace c -> Just ()
    _ -> Nothing
  pure (inside (skip ["safe", "qualified"] afterWord))
  where
    lines' text = case break (== '\n') text of
      (line, _ : rest) -> line : lines' rest
      (line, []) -> [line]
    start [] _ = Nothing
    start (line : before) below
      | "import" `isPrefixOf` line = Just (unlines' (line : below))
      | take 1 line == " " || null below && null line = start before (line : below)
      | otherwise = Nothing
    unlines' = foldr1 (\a b -> a ++ "\n" ++ b)
    skip wordsLeft text = case break (not . isAlpha) (dropWhile isSpace text) of
      (word, rest@(c : _)) | word `elem` wordsLeft && isSpace c -> skip wordsLeft rest
      _ -> dropWhile isSpace text
    inside text = case span (\c -> isNameChar c || c == '.') text of
      (_, "") -> ImportedModule
      (name, rest) -> case openBrackets rest of
        [] -> AfterModule
        [_] -> ImportedName name Nothing
        (owner : _) -> ImportedName name (Just owner)
    openBrackets = go [] ""
      where
        go open word text = case text of
          [] -> open
          '(' : rest -> go (reverse word : open) "" rest
          ')' : rest -> go (drop 1 open) "" rest
          c : rest | isNameChar c -> go open (c : word) rest
                   | isSpace c && not (null word) && take 1 (dropWhile isSpace rest) == "(" -> go open word (dropWhile isSpace rest)
                   | isSpace c -> go open "" rest
                   | otherwise -> go open "" rest

-- What stands before the innermost brace that is open, if a field's name can come now.
fieldOwner :: String -> Maybe String
fieldOwner blanked = case dropWhile isSpace (dropWhile isNameChar (reverse blanked)) of
  before@(c : _) | c `elem` "{," -> brace (0 :: Int) before
  _ -> Nothing
  where
    brace depth text = case text of
      [] -> Nothing
      '{' : rest | depth == 0 -> owner rest
                 | otherwise -> brace (depth - 1) rest
      c : rest
        | c `elem` "}])" -> brace (depth + 1) rest
        | c `elem` "([" && depth == 0 -> Nothing
        | c `elem` "([" -> brace (depth - 1) rest
        | otherwise -> brace depth rest
    owner text = case reverse (takeWhile (\c -> isNameChar c || c == '.') (dropWhile isSpace text)) of
      "" -> Nothing
      name | name `elem` ["do", "of", "where", "let"] -> Nothing
           | otherwise -> Just name

-- | A name that is being written.
data Word' = Word'
  { wordQualifier :: String
  -- ^ Without the last dot; empty if there is none.
  , wordStart :: String
  }
  deriving (Eq, Show)

-- | The name that ends at the end of a text.
wordBefore :: String -> Word'
wordBefore text = Word' (qualifier (drop (length name) backwards)) (reverse name)
  where
    backwards = reverse text
    name = takeWhile isNameChar backwards
    qualifier ('.' : rest) = case span isNameChar rest of
      (part@(_ : _), more) | isUpper (last part) ->
        let outer = qualifier more
         in if null outer then reverse part else outer ++ "." ++ reverse part
      _ -> ""
    qualifier _ = ""

-- | May a name have this character?
isNameChar :: Char -> Bool
isNameChar c = isAlphaNum c || c == '_' || c == '\'' || isLower c

isSymbol' :: Char -> Bool
isSymbol' c = c `elem` "!#$%&*+./<=>?@\\^|-~:"
