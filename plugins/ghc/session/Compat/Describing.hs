-- | Things, types and names as text. A part of "Compat".
module Compat.Describing
  ( TypeMode (..)
  , typeMode
  , SDoc
  , renderForUser
  , describe
  , describeShort
  , describeWhole
  , describeType
  , describeInstance
  , describeFamily
  , describeFixity
  , thingParent
  , nameString
  , docText
  , documentation
  , namesFor
  , dcolon
  , empty
  , equals
  , nest
  , sep
  , text
  , vcat
  , (<+>)
  , ($$)
  ) where

import GHC
import GHC.Core.Ppr.TyThing (pprTyThing, pprTyThingInContext, pprTyThingInContextLoc, pprTypeForUser)
import qualified GHC.Core.Ppr.TyThing as Ppr
import GHC.Driver.Types (tyThingParent_maybe)
import GHC.Iface.Syntax (showToHeader)
import GHC.Types.Name (nameOccName, pprInfixName)
import GHC.Types.Name.Occurrence (isSymOcc, occNameString)
import GHC.Utils.Outputable
  ( SDoc
  , dcolon
  , empty
  , equals
  , nest
  , ppr
  , sep
  , showSDocForUser
  , text
  , vcat
  , ($$)
  , (<+>)
  )

-- | How much of an expression's type is decided.
data TypeMode = Instantiated | Uninstantiated | Defaulted

-- | GHC's name for it.
typeMode :: TypeMode -> TcRnExprMode
typeMode mode = case mode of
  Instantiated -> TM_Inst
  Uninstantiated -> TM_NoInst
  Defaulted -> TM_Default

-- | As text with names as they are in scope.
renderForUser :: SDoc -> Ghc String
renderForUser document = do
  flags <- getSessionDynFlags
  scope <- getPrintUnqual
  pure (showSDocForUser flags scope document)

-- | A thing with its context and where it is from.
describe :: TyThing -> SDoc
describe = pprTyThingInContextLoc

-- | A thing as its declaration.
describeShort :: TyThing -> SDoc
describeShort = pprTyThing showToHeader

-- | A thing as its declaration with all its constructors, fields or methods.
describeWhole :: TyThing -> SDoc
describeWhole = pprTyThingInContext showToHeader

-- | A type as users write it.
describeType :: Type -> SDoc
describeType = pprTypeForUser

-- | An instance as its head, with where it is from.
describeInstance :: ClsInst -> SDoc
describeInstance = pprInstance

-- | An instance of a type family.
describeFamily :: FamInst -> SDoc
describeFamily = Ppr.pprFamInst

-- | A fixity declaration, if it is not the default one.
describeFixity :: TyThing -> Fixity -> SDoc
describeFixity thing fixity
  | fixity /= defaultFixity || isSymOcc (getOccName thing) =
      ppr fixity <+> pprInfixName (getName thing)
  | otherwise = empty

-- | The declaration that a thing is part of.
thingParent :: TyThing -> Maybe TyThing
thingParent = tyThingParent_maybe

-- | A name as text, unqualified.
nameString :: Name -> String
nameString = occNameString . nameOccName

-- | Documentation as it was written.
docText :: HsDocString -> String
docText = unpackHDS

-- | What is written about a name, if GHC has it.
documentation :: Name -> Ghc (Maybe String)
documentation name = do
  found <- getDocs name
  pure $ case found of
    Right (doc, _) -> docText <$> doc
    Left _ -> Nothing

-- | The things that a name, as it is written in code, stands for. Fails when it is not in scope.
namesFor :: String -> Ghc [Name]
namesFor = parseName
