-- | Names in scope. A part of "Compat".
module Compat.Names
  ( InScope (..)
  , NameKind (..)
  , namesInScope
  , nameKind
  , isUnqualified
  , isUnqualifiedText
  , rdrString
  , visibleModules
  , packageOf
  , constructorFields
  , typeFields
  ) where

import GHC
import GHC.Core.ConLike (conLikeFieldLabels)
import GHC.Core.TyCon (tyConFieldLabels)
import GHC.Core.Type (tyConAppTyCon_maybe)
import GHC.Data.FastString (unpackFS)
import GHC.Driver.Types (HscEnv (..), InteractiveContext (..))
import GHC.Types.FieldLabel (flLabel)
import GHC.Types.Name (nameOccName)
import GHC.Types.Name.Occurrence (isDataOcc, isTcOcc, mkVarOcc, occNameString)
import GHC.Types.Name.Reader
  ( GlobalRdrElt (..)
  , ImpDeclSpec (..)
  , ImportSpec (..)
  , Parent (FldParent)
  , globalRdrEnvElts
  , lookupGlobalRdrEnv
  , rdrNameOcc
  )
import GHC.Unit.State (listVisibleModuleNames)
import GHC.Unit.Types (unitString)

-- | A name that code may write.
data InScope = InScope
  { scopeName :: Name
  , scopeKind :: NameKind
  , scopeUnqualified :: Bool
  , scopeQualifiers :: [String]
  , scopeIsOwn :: Bool
  -- ^ A cell defined it.
  }

-- | What a name stands for.
data NameKind = IsValue | IsField | IsConstructor | IsType
  deriving (Eq)

-- | All names in scope.
namesInScope :: HscEnv -> [InScope]
namesInScope env = map entry (globalRdrEnvElts (ic_rn_gbl_env (hsc_IC env)))
  where
    entry found = InScope
      { scopeName = gre_name found
      , scopeKind = case gre_par found of
          FldParent {} -> IsField
          _ -> nameKind (gre_name found)
      , scopeUnqualified = bringsUnqualified found
      , scopeQualifiers = map (moduleNameString . is_as . is_decl) (gre_imp found)
      , scopeIsOwn = gre_lcl found
      }

bringsUnqualified :: GlobalRdrElt -> Bool
bringsUnqualified found = gre_lcl found || any (not . is_qual . is_decl) (gre_imp found)

-- | What a name is by its name alone.
nameKind :: Name -> NameKind
nameKind name
  | isTcOcc (nameOccName name) = IsType
  | isDataOcc (nameOccName name) = IsConstructor
  | otherwise = IsValue

-- | Does the context bring something of this name into scope unqualified?
isUnqualified :: HscEnv -> Name -> Bool
isUnqualified env name =
  any bringsUnqualified (lookupGlobalRdrEnv (ic_rn_gbl_env (hsc_IC env)) (nameOccName name))

-- | Is there a value of this name?
isUnqualifiedText :: HscEnv -> String -> Bool
isUnqualifiedText env name = not (null (lookupGlobalRdrEnv (ic_rn_gbl_env (hsc_IC env)) (mkVarOcc name)))

-- | A name as it was written, unqualified.
rdrString :: RdrName -> String
rdrString = occNameString . rdrNameOcc

-- | Modules of packages that an import can name.
visibleModules :: HscEnv -> [String]
visibleModules = map moduleNameString . listVisibleModuleNames . unitState . hsc_dflags

-- | The package that a module is part of.
packageOf :: Module -> String
packageOf = unitString . moduleUnit

-- | Fields of a constructor.
constructorFields :: TyThing -> [String]
constructorFields (AConLike constructor) = map (unpackFS . flLabel) (conLikeFieldLabels constructor)
constructorFields _ = []

-- | Fields of a type's constructors.
typeFields :: Type -> [String]
typeFields = maybe [] (map (unpackFS . flLabel) . tyConFieldLabels) . tyConAppTyCon_maybe
