-- | Directives that look things up: types, kinds, declarations, documentation, instances, modules.
-- Each gives the text that GHCi prints.
module Ask
  ( askType
  , askKind
  , askInfo
  , askDoc
  , askInstances
  , askBrowse
  ) where

import Compat
  ( TypeMode (..)
  , docText
  , dcolon
  , describe
  , describeWhole
  , describeFixity
  , describeFamily
  , describeInstance
  , describeType
  , equals
  , nameString
  , nest
  , renderForUser
  , sep
  , text
  , typeMode
  , vcat
  , empty
  , thingParent
  , (<+>)
  , ($$)
  )
import Data.Char (isSpace)
import Data.List (intersperse, sortOn)
import Data.Maybe (catMaybes, mapMaybe)
import GHC
  ( Ghc
  , InteractiveImport (IIDecl, IIModule)
  , Name
  , TyThing
  , exprType
  , getContext
  , getDocs
  , getInfo
  , getInstancesForType
  , getModuleInfo
  , ideclName
  , lookupModule
  , lookupName
  , mkModuleName
  , modInfoExports
  , modInfoTopLevelScope
  , moduleIsInterpreted
  , parseInstanceHead
  , parseName
  , typeKind
  , unLoc
  , getName
  )

-- | The type of an expression; after @+d@ with defaults, after @+v@ without instantiation.
askType :: String -> Ghc (Either String String)
askType argument = case words argument of
  [] -> syntax ":type <expression>"
  "+d" : _ -> ofMode Defaulted (skipWord argument)
  "+v" : _ -> ofMode Uninstantiated (skipWord argument)
  _ -> ofMode Instantiated argument
  where
    ofMode mode expression = do
      found <- exprType (typeMode mode) expression
      Right <$> renderForUser (sep [text expression, nest 2 (dcolon <+> describeType found)])

-- | The kind of a type, and with a @!@ the type with its synonyms and families worked out.
askKind :: Bool -> String -> Ghc (Either String String)
askKind normal argument
  | null argument = syntax ":kind <type>"
  | otherwise = do
      (reduced, kind) <- typeKind normal argument
      Right <$> renderForUser
        (vcat [ text argument <+> dcolon <+> describeType kind
              , if normal then equals <+> describeType reduced else empty ])

-- | What is known of names: declarations, fixities, instances.
askInfo :: Bool -> String -> Ghc (Either String String)
askInfo everything argument
  | null argument = syntax ":info <name>"
  | otherwise = Right . unlines' . concat <$> mapM one (words argument)
  where
    one name = do
      names <- parseName name
      found <- catMaybes <$> mapM (getInfo everything) names
      let top = withoutChildren (\(thing, _, _, _, _) -> thing) found
      sequence [renderForUser (vcat (intersperse (text "") (map info top)))]
    info (thing, fixity, instances, families, docs) =
      docs
        $$ describe thing
        $$ describeFixity thing fixity
        $$ vcat (map describeInstance instances)
        $$ vcat (map describeFamily families)

-- | The documentation of a name.
askDoc :: String -> Ghc (Either String String)
askDoc argument
  | null argument = syntax ":doc <name>"
  | otherwise = do
      names <- parseName argument
      Right . unlines' <$> mapM one names
  where
    one name = either failure found <$> getDocs name
      where
        found (Just doc, _) = docText doc
        found (Nothing, _) = "<has no documentation>"
        failure _ = "there is no documentation for this name: its module was compiled without -haddock"

-- | The instances that a type has.
askInstances :: String -> Ghc (Either String String)
askInstances argument
  | null argument = syntax ":instances <type>"
  | otherwise = do
      instances <- parseInstanceHead argument >>= getInstancesForType
      Right <$> renderForUser (vcat (map describeInstance instances))

-- | What a module exports, or with a @*@ before its name all that is at its top level. Without a
-- name: the module that came into scope last.
askBrowse :: Bool -> String -> Ghc (Either String String)
askBrowse _ argument = case words argument of
  ['*' : name] -> browse False name
  [name] -> browse True name
  [] -> do
    context <- getContext
    case reverse context of
      IIModule name : _ -> browseModule False name
      IIDecl declaration : _ -> browseModule True (unLoc (ideclName declaration))
      [] -> pure (Left ":browse: no module is in scope")
  _ -> syntax ":browse [[*]<module>]"
  where
    browse exportsOnly = browseModule exportsOnly . mkModuleName
    browseModule exportsOnly name = do
      home <- lookupModule name Nothing
      interpreted <- moduleIsInterpreted home
      info <- getModuleInfo home
      case info of
        Nothing -> pure (Left "unknown module")
        Just known
          | not exportsOnly && not interpreted ->
              pure (Left "this module is not interpreted; its exports: :browse without the *")
          | otherwise -> do
              let names = if exportsOnly then modInfoExports known
                          else maybe [] id (modInfoTopLevelScope known)
              things <- catMaybes <$> mapM lookupName (sortOn nameText names)
              Right <$> renderForUser (vcat (map describeWhole (withoutChildren id things)))
    nameText :: Name -> String
    nameText = nameString

-- Constructors, methods and fields are shown in their parents.
withoutChildren :: (a -> TyThing) -> [a] -> [a]
withoutChildren thing list = filter (not . isChild . thing) list
  where
    names = map (getName . thing) list
    isChild one = case thingParent one of
      Just parent -> getName parent `elem` names && getName parent /= getName one
      Nothing -> False

syntax :: String -> Ghc (Either String a)
syntax usage = pure (Left ("syntax: " ++ usage))

skipWord :: String -> String
skipWord = dropWhile isSpace . dropWhile (not . isSpace) . dropWhile isSpace

unlines' :: [String] -> String
unlines' = concat . intersperse "\n" . mapMaybe (\l -> if null l then Nothing else Just l)
