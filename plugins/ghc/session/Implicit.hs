-- | The display library in scope without an import, and in nobody's way: a name that something else
-- brings into scope means that.
module Implicit
  ( implicitImports
  , implicitModule
  ) where

import Compat (isUnqualified, nameString)
import Data.List (intercalate)
import GHC
  ( Ghc
  , ImportDecl (ideclImplicit)
  , InteractiveImport (IIDecl)
  , ModuleName
  , getModuleInfo
  , lookupModule
  , mkModuleName
  , modInfoExports
  , moduleNameString
  , parseImportDecl
  )
import GHC.Driver.Monad (getSession)

-- | The module that cells see.
implicitModule :: ModuleName
implicitModule = mkModuleName "Hilum"

-- | The import that goes with the context as it is now, which must not have it yet.
implicitImports :: Ghc [InteractiveImport]
implicitImports = do
  env <- getSession
  exports <- maybe [] modInfoExports <$> (lookupModule implicitModule Nothing >>= getModuleInfo)
  let taken = [nameString name | name <- exports, isUnqualified env name]
      hiding = if null taken then "" else " hiding (" ++ intercalate ", " taken ++ ")"
  declaration <- parseImportDecl ("import " ++ moduleNameString implicitModule ++ hiding)
  pure [IIDecl declaration {ideclImplicit = True}]
