-- | What is in scope in cells by imports.
module Context
  ( addImports
  , addContext
  , removeContext
  , resetContext
  , defaultImports
  ) where

import Data.List (nub)
import GHC
  ( Ghc
  , GhcPs
  , ImportDecl (..)
  , InteractiveImport (..)
  , ModuleName
  , getContext
  , mkModuleName
  , setContext
  , simpleImportDecl
  , unLoc
  )

-- | Brings what these declarations import into scope.
addImports :: [ImportDecl GhcPs] -> Ghc ()
addImports = addContext . map IIDecl

-- | Adds to the context. An import of the Prelude takes the place of the implicit one.
addContext :: [InteractiveImport] -> Ghc ()
addContext added = do
  context <- getContext
  setContext (settle (context ++ filter (`notSame` context) added))
  where
    notSame new = not . any (same new)

-- | Takes modules out of the context.
removeContext :: [ModuleName] -> Ghc ()
removeContext names = do
  context <- getContext
  setContext (settle (filter ((`notElem` names) . moduleOf) context))

-- | The context is these imports, and the implicit ones.
resetContext :: [InteractiveImport] -> Ghc ()
resetContext imports = setContext (settle (defaultImports ++ imports))

-- | What a session starts with.
defaultImports :: [InteractiveImport]
defaultImports = [IIDecl (simpleImportDecl prelude) {ideclImplicit = True}]

prelude :: ModuleName
prelude = mkModuleName "Prelude"

settle :: [InteractiveImport] -> [InteractiveImport]
settle context
  | any explicitPrelude context = filter (not . isImplicit) context
  | any isImplicit context = context
  | otherwise = defaultImports ++ context
  where
    explicitPrelude (IIDecl declaration) =
      unLoc (ideclName declaration) == prelude && not (ideclImplicit declaration)
    explicitPrelude _ = False
    isImplicit (IIDecl declaration) = ideclImplicit declaration
    isImplicit _ = False

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
