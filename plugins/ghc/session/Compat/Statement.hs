-- | What a parsed statement or declaration is and names. A part of "Compat".
module Compat.Statement
  ( isExpression
  , signatureNames
  , bound
  , mayBeSplice
  ) where

import Compat.Parsing (Statement, hasTemplates)
import GHC

-- | Is this an expression, not a binding?
isExpression :: Statement -> Bool
isExpression (L _ statement) = case statement of
  BodyStmt {} -> True
  _ -> False

-- | The name in @name :: type@, which is an expression or a signature; 'Nothing' for all else.
signatureNames :: Statement -> Maybe [RdrName]
signatureNames (L _ statement) = case statement of
  BodyStmt _ (L _ (ExprWithTySig _ expression _)) _ _ -> variable expression
  _ -> Nothing
  where
    variable (L _ (HsVar _ (L _ name))) = Just [name]
    variable (L _ (HsPar _ inside)) = variable inside
    variable _ = Nothing

-- | The values that a declaration defines.
bound :: LHsDecl GhcPs -> [RdrName]
bound (L _ declaration) = case declaration of
  ValD _ (FunBind {fun_id = L _ name}) -> [name]
  ValD _ (PatBind {pat_lhs = pattern'}) -> collectPatBinders pattern'
  ValD _ (PatSynBind _ (PSB {psb_id = L _ name})) -> [name]
  ForD _ (ForeignImport {fd_name = L _ name}) -> [name]
  _ -> []

-- | May these declarations be the splice that an expression at top level stands for?
mayBeSplice :: DynFlags -> [LHsDecl GhcPs] -> Bool
mayBeSplice flags declarations = hasTemplates flags && case declarations of
  [L _ (SpliceD _ _)] -> True
  _ -> False
