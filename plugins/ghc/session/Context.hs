-- | What is in scope in cells by imports.
module Context
  ( addImports
  , addContext
  , removeContext
  , resetContext
  , keptImports
  , moduleImport
  , defaultImports
  ) where

import Compat (namesPackage)
import Control.Exception (SomeException)
import Control.Monad.Catch (try)
import Data.List (nub)
import Implicit (implicitImports, implicitModule)
import GHC
  ( Ghc
  , GhcPs
  , ImportDecl (..)
  , InteractiveImport (..)
  , ModuleName
  , getContext
  , lookupModule
  , mkModuleName
  , moduleIsInterpreted
  , setContext
  , simpleImportDecl
  , unLoc
  )

-- | Brings what these declarations import into scope.
addImports :: [ImportDecl GhcPs] -> Ghc ()
addImports declarations = do
  -- To ask for a module that is not there is an error of its own; GHC would look for its file.
  mapM_ (\name -> lookupModule name Nothing)
    (map (unLoc . ideclName) (filter (not . namesPackage) declarations))
  addContext (map IIDecl declarations)

-- | Adds to the context. An import of the Prelude takes the place of the implicit one.
addContext :: [InteractiveImport] -> Ghc ()
addContext added = do
  context <- getContext
  establish (settle (context ++ filter (`notSame` context) added))
  where
    notSame new = not . any (same new)

-- | Takes modules out of the context.
removeContext :: [ModuleName] -> Ghc ()
removeContext names = do
  context <- getContext
  establish (settle (filter ((`notElem` names) . moduleOf) context))

-- | The context is these imports, and the implicit ones.
resetContext :: [InteractiveImport] -> Ghc ()
resetContext = establish . settle

-- | Those of these imports whose modules are there, given which modules are loaded. The others, such
-- as those of cells, would be errors.
keptImports :: [ModuleName] -> [InteractiveImport] -> Ghc [InteractiveImport]
keptImports names = fmap concat . mapM keep
  where
    keep import' = case import' of
      IIModule name
        | name `elem` names -> (: []) <$> moduleImport name
        | otherwise -> pure []
      IIDecl declaration | namesPackage declaration -> pure [import']
      IIDecl declaration -> do
        found <- try (lookupModule (unLoc (ideclName declaration)) Nothing)
        pure [import' | isFound found]
    isFound = either (const False :: SomeException -> Bool) (const True)

-- | A loaded module with all its top level, or with what it exports when it is object code.
moduleImport :: ModuleName -> Ghc InteractiveImport
moduleImport name = do
  interpreted <- lookupModule name Nothing >>= moduleIsInterpreted
  pure (if interpreted then IIModule name else IIDecl (simpleImportDecl name))

-- Sets the context and adds the display library to it, unless an import names that.
establish :: [InteractiveImport] -> Ghc ()
establish wanted = do
  let others = filter (not . isLibrary) wanted
  setContext others
  library <- if any ((== implicitModule) . moduleOf) others then pure [] else implicitImports
  setContext (library ++ others)
  where
    isLibrary entry = isImplicit entry && moduleOf entry == implicitModule

-- | What a session starts with.
defaultImports :: [InteractiveImport]
defaultImports = [IIDecl (simpleImportDecl prelude) {ideclImplicit = True}]

prelude :: ModuleName
prelude = mkModuleName "Prelude"

settle :: [InteractiveImport] -> [InteractiveImport]
settle context
  | any explicitPrelude context = filter (not . implicitPrelude) context
  | any implicitPrelude context = context
  | otherwise = defaultImports ++ context
  where
    explicitPrelude (IIDecl declaration) =
      unLoc (ideclName declaration) == prelude && not (ideclImplicit declaration)
    explicitPrelude _ = False
    implicitPrelude entry = isImplicit entry && moduleOf entry == prelude

isImplicit :: InteractiveImport -> Bool
isImplicit (IIDecl declaration) = ideclImplicit declaration
isImplicit (IIModule _) = False

moduleOf :: InteractiveImport -> ModuleName
moduleOf (IIDecl declaration) = unLoc (ideclName declaration)
moduleOf (IIModule name) = name

same :: InteractiveImport -> InteractiveImport -> Bool
same (IIModule a) (IIModule b) = a == b
same (IIDecl a) (IIDecl b) =
  unLoc (ideclName a) == unLoc (ideclName b)
    && ideclQualified a == ideclQualified b
    && fmap unLoc (ideclAs a) == fmap unLoc (ideclAs b)
    && fmap (fmap unLoc) (ideclHiding a) `sameItems` fmap (fmap unLoc) (ideclHiding b)
    && ideclImplicit a == ideclImplicit b
  where
    sameItems (Just (hiddenA, itemsA)) (Just (hiddenB, itemsB)) =
      hiddenA == hiddenB && map unLoc (nub itemsA) == map unLoc (nub itemsB)
    sameItems Nothing Nothing = True
    sameItems _ _ = False
same _ _ = False
