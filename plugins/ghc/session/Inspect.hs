-- | What is known of the name at the cursor: its type or declaration, where it is defined, and its
-- documentation if there is any.
module Inspect
  ( inspect
  ) where

import Compat
import Control.Monad (forM)
import Cursor (Mode (Code), isNameChar, scan)
import Data.Char (isSpace, isUpper)
import Data.List (intercalate)
import Data.Maybe (catMaybes, fromMaybe)
import GHC
  ( Ghc
  , Name
  , exprType
  , getInfo
  , getModuleInfo
  , lookupModule
  , mkModuleName
  , modInfoExports
  )
import Json (Value, object, (.=))

-- | The content of an inspect_reply for this code, with the cursor after so many characters. A
-- detail of 1 adds instances.
inspect :: String -> Int -> Int -> Ghc Value
inspect code cursor detail = case nameAt code cursor of
  Nothing -> pure notFound
  Just name -> do
    described <- fromMaybe [] <$> quietly (namesFor name >>= fmap catMaybes . mapM (describeName name detail))
    if null described then moduleOrNothing name else pure (found described)
  where
    moduleOrNothing name = maybe notFound (found . pure) <$> describeModule name

notFound :: Value
notFound = object ["status" .= "ok", "found" .= False, "data" .= object [], "metadata" .= object []]

-- A declaration and what is written about it.
data About = About String String

found :: [About] -> Value
found abouts = object
  [ "status" .= "ok"
  , "found" .= True
  , "data" .= object
      [ "text/plain" .= intercalate "\n\n" (map plain abouts)
      , "text/markdown" .= intercalate "\n\n---\n\n" (map markdown abouts) ]
  , "metadata" .= object []
  ]
  where
    plain (About declaration text) = declaration ++ (if null text then "" else "\n\n" ++ text)
    markdown (About declaration text) =
      "```haskell\n" ++ declaration ++ "\n```" ++ (if null text then "" else "\n\n" ++ haddockAsMarkdown text)

-- Examples as code, the rest as text: what Markdown has no word for stays as it was written.
haddockAsMarkdown :: String -> String
haddockAsMarkdown = intercalate "\n" . go . map (dropWhile (== ' ')) . lines
  where
    go rest = case break isExample rest of
      (prose, []) -> map inline prose
      (prose, examples) ->
        let (code, more) = span (\line -> isExample line || isPrompted code' && not (null line)) examples
            code' = take 1 examples
            isPrompted = any ((== ">>>") . take 3)
         in map inline prose ++ ["```haskell"] ++ map unmarked code ++ ["```"] ++ go more
    isExample = (== ">") . take 1
    unmarked ('>' : ' ' : line) = line
    unmarked line = line
    inline line = case line of
      [] -> []
      '@' : rest | (code, _ : more) <- break (== '@') rest -> "`" ++ filter (/= '\'') code ++ "`" ++ inline more
      '\'' : rest | (name@(_ : _), '\'' : more) <- span isReference rest -> "`" ++ name ++ "`" ++ inline more
      c : rest | isNameChar c, (word, more) <- span isNameChar line -> word ++ inline more
               | otherwise -> c : inline rest
    isReference c = c /= '\'' && (isNameChar c || c `elem` ".!#$%&*+/<=>?@\\^|-~:")

describeName :: String -> Int -> Name -> Ghc (Maybe About)
describeName asWritten detail name = do
  info <- quietly (getInfo (detail > 0) name)
  type' <- quietly (exprType (typeMode Instantiated) (bracketed asWritten))
  docs <- quietly (documentation name)
  forM (fromMaybe Nothing info) $ \(thing, fixity, instances, families, _) -> do
    declaration <- renderForUser (vcat (
      [describe thing, describeFixity thing fixity]
        ++ (if detail > 0 then map describeInstance instances ++ map describeFamily families else [])))
    -- A constructor, method or field is shown in what it is part of; its own type is not there.
    own <- case (thingParent thing, type') of
      (Just _, Just found') -> (++ "\n\n") <$>
        renderForUser (sep [text (bracketed asWritten), nest 2 (dcolon <+> describeType found')])
      _ -> pure ""
    pure (About (trimmed (own ++ declaration)) (maybe "" trimmed (fromMaybe Nothing docs)))
  where
    bracketed written
      | all isNameChar (filter (/= '.') written) = written
      | otherwise = "(" ++ written ++ ")"

trimmed :: String -> String
trimmed = reverse . dropWhile isSpace . reverse . dropWhile isSpace

describeModule :: String -> Ghc (Maybe About)
describeModule name
  | isUpper (head name) = do
      known <- quietly $ do
        home <- lookupModule (mkModuleName name) Nothing
        info <- getModuleInfo home
        pure (About ("module " ++ name ++ "  -- in " ++ packageOf home)
          ("Exports " ++ show (maybe 0 (length . modInfoExports) info) ++ " names; `:browse " ++ name ++ "` lists them."))
      pure known
  | otherwise = pure Nothing

-- The name that the cursor is in or at the end of, with its qualifier; an operator likewise. Where
-- there is none, the function that is being applied: the first name before.
nameAt :: String -> Int -> Maybe String
nameAt code cursor
  | not (null name) = usable name
  | otherwise = usable (lastName before)
  where
    (before, after) = splitAt cursor code
    name = case grow qualifiedChar of
      "" -> grow isSymbolChar
      text -> text
    grow test = reverse (takeWhile test (reverse before)) ++ takeWhile test after
    qualifiedChar c = isNameChar c || c == '.'
    lastName text = case scan text of
      (Code, blanked) -> reverse (takeWhile qualifiedChar (dropWhile (`elem` " (") (reverse blanked)))
      _ -> ""
    usable text = case trimDots text of
      "" -> Nothing
      c : _ | c `elem` "0123456789'" -> Nothing
      good -> Just good
    -- In `f.g` the dot is an operator between two names, in `M.f` it is part of one.
    trimDots text
      | all isSymbolChar text = text
      | otherwise = pick (parts (dropWhile (== '.') text))
      where
        pick pieces = case span (isUpper' . fst) pieces of
          (modules, (value, _) : _) -> intercalate "." (map fst modules ++ [value])
          (modules, []) -> intercalate "." (map fst modules)
        isUpper' piece = isUpper (head (piece ++ " "))
        parts rest = case break (== '.') rest of
          ("", "") -> []
          (piece, "") -> [(piece, ())]
          ("", _ : more) -> parts more
          (piece, _ : more) -> (piece, ()) : parts more
    isSymbolChar c = c `elem` "!#$%&*+./<=>?@\\^|-~:"
