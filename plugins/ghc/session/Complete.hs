-- | What can stand where the cursor is.
module Complete
  ( complete
  ) where

import Compat
import Control.Exception (IOException, try)
import Control.Monad (filterM)
import Control.Monad.IO.Class (liftIO)
import Cursor
import Data.Char (isAlpha, isSpace, toLower)
import Data.List (isPrefixOf, nub, partition, sortOn)
import Data.Maybe (fromMaybe, mapMaybe)
import Directive (directiveNames)
import GHC
  ( Ghc
  , exprType
  , getModuleInfo
  , getName
  , lookupModule
  , lookupName
  , mkModuleName
  , modInfoExports
  , moduleNameString
  )
import GHC.Driver.Monad (getSession)
import Json (Value (Array, Number), object, (.=))
import System.Directory (doesDirectoryExist, getHomeDirectory, listDirectory)
import System.FilePath (splitFileName)

-- | A text that can stand at the cursor, and what it is.
data Match = Match String String

-- | The content of a complete_reply for this code with the cursor after so many characters.
complete :: String -> Int -> Ghc Value
complete code cursor = do
  (prefix, found) <- matchesAt before code
  let start = length before - length prefix
      texts = take 500 (uniquely (fitting prefix found))
  pure (object
    [ "status" .= "ok"
    , "matches" .= [text | Match text _ <- texts]
    , "cursor_start" .= start
    , "cursor_end" .= length before
    , "metadata" .= object
        [ ("_jupyter_types_experimental", Array
            [ object
                [ "text" .= text, "type" .= kind
                , ("start", Number (show start)), ("end", Number (show (length before))) ]
            | Match text kind <- texts ]) ]
    ])
  where
    before = take cursor code

-- Those that go on with the prefix; without regard to case if there are none.
fitting :: String -> [Match] -> [Match]
fitting prefix found
  | null exact = filter (\(Match text _) -> lower prefix `isPrefixOf` lower text) found
  | otherwise = exact
  where
    exact = filter (\(Match text _) -> prefix `isPrefixOf` text) found
    lower = map toLower

uniquely :: [Match] -> [Match]
uniquely = go []
  where
    go _ [] = []
    go seen (match@(Match text _) : rest)
      | text `elem` seen = go seen rest
      | otherwise = match : go (text : seen) rest

-- What is written of it already, and what there is.
matchesAt :: String -> String -> Ghc (String, [Match])
matchesAt before code = case placeAt before of
  Nowhere -> pure ("", [])
  FileName inside -> files inside
  ExtensionName -> pure (word, map (`Match` "keyword") extensionNames)
  PragmaName -> pure (word, map (`Match` "keyword") ["LANGUAGE", "OPTIONS_GHC"])
  FlagName -> pure (option, map (`Match` "keyword") flagNames)
  DirectiveName -> pure (directive, map (\name -> Match (':' : name) "keyword") directiveNames)
  DirectiveText name argument -> directiveMatches name argument expression
  ImportedModule -> (,) dotted <$> modules
  AfterModule -> pure (word, map (`Match` "keyword") ["as", "hiding", "qualified"])
  ImportedName home owner -> (,) word <$> exportsOf home owner
  FieldName owner -> do
    fields <- fieldsOf owner
    (prefix, others) <- expression
    pure (prefix, [Match field "field" | field <- fields] ++ others)
  Expression -> expression
  where
    word = wordStart (wordBefore before)
    dotted = reverse (takeWhile (\c -> isNameChar c || c == '.') (reverse before))
    option = reverse (takeWhile (not . isSpace) (reverse before))
    directive = reverse (takeWhile (/= '\n') (reverse before)) `from` ':'
    text `from` c = dropWhile (/= c) text
    expression = case wordBefore before of
      Word' "" prefix -> (,) prefix <$> unqualified prefix code
      Word' qualifier prefix -> (,) (qualifier ++ "." ++ prefix) <$> qualified qualifier

-- Names of this session come first, then what the cell itself mentions.
unqualified :: String -> String -> Ghc [Match]
unqualified prefix code = do
  names <- filter (not . isGenerated . nameString . scopeName) . namesInScope <$> getSession
  let (own, others) = partition scopeIsOwn (filter scopeUnqualified names)
      sorted = sortOn (\(Match text _) -> text) . map entry
      mentioned = [Match name "text" | name <- nub (namesIn (snd (scan code))), name /= prefix, length name > 1]
      qualifiers = nub (concatMap scopeQualifiers names)
  pure (sorted own ++ sorted others ++ map (`Match` "keyword") keywords ++ mentioned
    ++ [Match name "module" | not (null prefix), name <- qualifiers])
  where
    entry name = Match (nameString (scopeName name)) (kindName (scopeKind name))

-- GHC's own names for what it derives, such as @$tcMaybe@.
isGenerated :: String -> Bool
isGenerated name = case name of
  '$' : c : _ -> isAlpha c
  _ -> False

namesIn :: String -> [String]
namesIn text = case dropWhile (not . isNameChar) text of
  "" -> []
  found -> let (name, rest) = span isNameChar found
            in [name | take 1 name `notElem` map pure ['0' .. '9'], take 1 name /= "'"] ++ namesIn rest

kindName :: NameKind -> String
kindName kind = case kind of
  IsValue -> "function"
  IsField -> "field"
  IsConstructor -> "constructor"
  IsType -> "class"

keywords :: [String]
keywords =
  [ "case", "class", "data", "deriving", "else", "foreign", "if", "import", "in", "infix", "infixl"
  , "infixr", "instance", "let", "module", "newtype", "then", "type", "where" ]

-- Names behind a qualifier: what imports brought under it, otherwise what the module of this name
-- has, and modules whose names go on.
qualified :: String -> Ghc [Match]
qualified qualifier = do
  names <- namesInScope <$> getSession
  let imported = [ Match (dot (nameString (scopeName name))) (kindName (scopeKind name))
                 | name <- names, qualifier `elem` scopeQualifiers name ]
  exported <- if null imported then exportsOf qualifier Nothing else pure []
  longer <- modules
  pure (sortOn (\(Match text _) -> text) (imported ++ [Match (dot text) kind | Match text kind <- exported])
    ++ [match | match@(Match name _) <- longer, dot "" `isPrefixOf` name])
  where
    dot name = qualifier ++ "." ++ name

modules :: Ghc [Match]
modules = do
  env <- getSession
  loaded <- loadedModules
  pure [Match name "module" | name <- sortOn id (nub (map moduleNameString loaded ++ visibleModules env))]

-- What an import of the module can name; of a type, its constructors, fields and methods.
exportsOf :: String -> Maybe String -> Ghc [Match]
exportsOf home owner = do
  info <- quietly (lookupModule (mkModuleName home) Nothing >>= getModuleInfo)
  let names = maybe [] modInfoExports (fromMaybe Nothing info)
  chosen <- case owner of
    Nothing -> pure (filter ((/= IsConstructor) . nameKind) names)
    Just parent -> filterM (isPartOf parent) names
  pure (sortOn (\(Match text _) -> text) [Match (nameString name) (kindName (nameKind name)) | name <- chosen])
  where
    isPartOf parent name = do
      thing <- quietly (lookupName name)
      pure $ case fromMaybe Nothing thing >>= thingParent of
        Just found -> nameString (getName found) == parent && getName found /= name
        Nothing -> False

-- Fields of a constructor, or of the record that an expression is.
fieldsOf :: String -> Ghc [String]
fieldsOf owner = do
  ofConstructor <- quietly $ do
    names <- namesFor owner
    concatMap constructorFields . mapMaybe id <$> mapM lookupName names
  ofValue <- quietly (typeFields <$> exprType (typeMode Instantiated) owner)
  pure (nub (fromMaybe [] ofConstructor ++ fromMaybe [] ofValue))

directiveMatches :: String -> String -> Ghc (String, [Match]) -> Ghc (String, [Match])
directiveMatches name argument expression
  | name == "!" = files final
  | named ["set", "seti", "unset"] = pure (settings final)
  | named ["extension"] = pure (final, map (`Match` "keyword") extensionNames)
  | named ["module", "browse"] = starred modules
  | named ["load", "add", "cd"] = files final
  | named ["show"] = pure (final, map (`Match` "keyword")
      ["args", "bindings", "imports", "language", "modules", "packages", "paths", "prog", "targets"])
  | named ["showi"] = pure (final, [Match "language" "keyword"])
  | otherwise = expression
  where
    -- A directive is found by the first that an abbreviation can mean.
    named choices = take 1 [full | full <- exact ++ directiveNames, plain `isPrefixOf` full] `elem` map pure choices
    exact = filter (== plain) directiveNames
    plain = filter (/= '!') name
    final = reverse (takeWhile (not . isSpace) (reverse argument))
    starred choices = (,) (dropWhile (`elem` "*+-") final) <$> choices
    settings text
      | "-X" `isPrefixOf` text = (text, [Match ("-X" ++ extension) "keyword" | extension <- extensionNames])
      | "+" `isPrefixOf` text = (text, map (`Match` "keyword") ["+s", "+t"])
      | otherwise = (text, map (`Match` "keyword") (flagNames ++ ["+s", "+t", "args", "prog"]))

-- Files whose path goes on from here; what is replaced is the name in the last folder.
files :: FilePath -> Ghc (String, [Match])
files path = liftIO $ do
  home <- either (const "") id <$> attempt getHomeDirectory
  let (folder, prefix) = splitFileName path
      place = case folder of
        '~' : rest -> home ++ rest
        _ -> folder
  names <- either (const []) id <$> attempt (listDirectory place)
  let shown = sortOn id (filter (\name -> take 1 name /= "." || take 1 prefix == ".") names)
  found <- mapM (entry place) (filter (prefix `isPrefixOf`) shown)
  pure (prefix, take 500 found)
  where
    entry place name = do
      folder <- doesDirectoryExist (place ++ name)
      pure (Match (if folder then name ++ "/" else name) "path")
    attempt :: IO a -> IO (Either IOException a)
    attempt = try
