-- | Expressions and names as far as it matters what a statement may do. A part of "Compat".
module Compat.Shape
  ( Shape (..)
  , shapeOf
  , actionOf
  , origin
  , bindsUnit
  , isUnitAction
  , bindingIt
  , hasPlainSyntax
  , hasPlainBinding
  ) where

import Compat.Describing (nameString)
import Compat.Names (packageOf, rdrString)
import Compat.Parsing (Statement)
import Compat.Session (interactiveFlags)
import Data.List (find, stripPrefix)
import Data.Maybe (fromMaybe)
import GHC
import GHC.Builtin.Names (ioTyConName)
import GHC.Core.Type (splitAppTy_maybe, splitPiTys, tyConAppTyCon_maybe)
import GHC.Driver.Flags (WarningFlag (Opt_WarnNameShadowing))
import GHC.Driver.Session (wopt, xopt)
import GHC.Driver.Types (InteractiveContext (ic_rn_gbl_env, ic_tythings), hsc_IC, lookupTypeHscEnv)
import GHC.LanguageExtensions (Extension (QuasiQuotes, RebindableSyntax, TemplateHaskell))
import GHC.Tc.Utils.TcType (isUnitTy)
import GHC.Types.Name.Occurrence (mkVarOcc)
import GHC.Types.Name.Reader (GlobalRdrElt (gre_name), lookupGRE_RdrName)

-- | The outermost form of an expression.
data Shape
  = Named RdrName
  | Unit
  | Apply (LHsExpr GhcPs) (LHsExpr GhcPs)
  | Operators [LHsExpr GhcPs] [RdrName]
  -- ^ Operands and the operators between them, as they are written: what binds how is not known.
  | Choice (LHsExpr GhcPs) (LHsExpr GhcPs)
  -- ^ The branches of @if@.
  | Sequence [LHsExpr GhcPs]
  -- ^ A block of @do@ that binds nothing.
  | List [LHsExpr GhcPs]
  | Lambda [RdrName] (LHsExpr GhcPs)
  -- ^ With the names that it binds.
  | Other

-- | The expression that a statement is.
actionOf :: Statement -> Maybe (LHsExpr GhcPs)
actionOf (L _ statement) = case statement of
  BodyStmt _ expression _ _ -> Just expression
  _ -> Nothing

-- | What kind of expression this is. Parentheses are looked through.
shapeOf :: LHsExpr GhcPs -> Shape
shapeOf whole@(L _ expression) = case expression of
  HsPar _ inside -> shapeOf inside
  HsVar _ (L _ name)
    | rdrString name == "()" -> Unit
    | otherwise -> Named name
  HsApp _ function argument -> Apply function argument
  OpApp {} -> maybe Other (uncurry Operators) (operators whole)
  HsIf _ _ yes no -> Choice yes no
  HsDo _ (DoExpr Nothing) (L _ statements) -> maybe Other Sequence (mapM actionOf statements)
  ExplicitList _ _ elements -> List elements
  HsLam _ (MG {mg_alts = L _ [L _ match]}) -> lambda match
  _ -> Other

-- The parser takes all operators as if they bound alike; the renamer sorts that out.
operators :: LHsExpr GhcPs -> Maybe ([LHsExpr GhcPs], [RdrName])
operators (L _ (OpApp _ left (L _ (HsVar _ (L _ name))) right)) = do
  (operandsL, namesL) <- operators left
  (operandsR, namesR) <- operators right
  pure (operandsL ++ operandsR, namesL ++ name : namesR)
operators (L _ (OpApp {})) = Nothing
operators operand = Just ([operand], [])

lambda :: Match GhcPs (LHsExpr GhcPs) -> Shape
lambda match = case m_grhss match of
  GRHSs _ [L _ (GRHS _ [] body)] (L _ (EmptyLocalBinds _)) ->
    Lambda (concatMap collectPatBinders (m_pats match)) body
  _ -> Other

-- | The module of GHC's own base library that defines what this name stands for in cells, and its
-- name there; 'Nothing' for all that is defined elsewhere.
origin :: HscEnv -> RdrName -> Maybe (String, String)
origin env name = case lookupGRE_RdrName name (ic_rn_gbl_env (hsc_IC env)) of
  [found] | original <- gre_name found, isExternalName original -> do
    let home = nameModule original
        file = moduleNameString (moduleName home)
    if packageOf home `elem` ["base", "ghc-internal"]
      then Just (fromMaybe file (stripPrefix "GHC.Internal." file), nameString original)
      else Nothing
  _ -> Nothing

-- | Is @it@ all that is bound, and of type @()@?
bindsUnit :: [Id] -> Bool
bindsUnit [name] = isUnitTy (idType name)
bindsUnit _ = False

-- | Is this what an action is called that gives @()@, or the function that makes one? As far as it is
-- known without reading an interface file.
isUnitAction :: HscEnv -> RdrName -> IO Bool
isUnitAction env name = case lookupGRE_RdrName name (ic_rn_gbl_env context) of
  [found] -> do
    let own = find ((== gre_name found) . getName) (ic_tythings context)
    thing <- maybe (lookupTypeHscEnv env (gre_name found)) (pure . Just) own
    pure $ case thing of
      Just (AnId known) | Just (monad, value) <- splitAppTy_maybe (snd (splitPiTys (idType known))) ->
        isUnitTy value && maybe True ((== ioTyConName) . getName) (tyConAppTyCon_maybe monad)
      _ -> False
  _ -> pure False
  where
    context = hsc_IC env

-- | The statement @it <- expression@.
bindingIt :: LHsExpr GhcPs -> Statement
bindingIt expression@(L place _) = L place (mkPsBindStmt (nlVarPat (Unqual (mkVarOcc "it"))) expression)

-- | Does code mean what it says: no extension is on that lets code run while it is compiled, or that
-- gives the notation of @do@ and @if@ other meanings.
hasPlainSyntax :: HscEnv -> Bool
hasPlainSyntax env = not (any (`xopt` interactiveFlags env) [QuasiQuotes, RebindableSyntax, TemplateHaskell])

-- | Does GHC bind @it@ to what an expression gives just as it binds any name?
hasPlainBinding :: HscEnv -> Bool
hasPlainBinding env = hasPlainSyntax env && not (any (`gopt` flags) changing || warns)
  where
    flags = interactiveFlags env
    changing = [Opt_DeferTypeErrors, Opt_DeferTypedHoles, Opt_DeferOutOfScopeVariables, Opt_NoIt]
    -- Of the @it@ before it would say that it is shadowed.
    warns = Opt_WarnNameShadowing `wopt` flags
