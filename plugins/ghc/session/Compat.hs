{-# LANGUAGE CPP #-}
-- | All that differs between versions of the GHC API. The rest of the program sees GHC through
-- the module "GHC" and through this one.
module Compat
  ( -- * Lexing and parsing
    Lexeme (..)
  , LexemeKind (..)
  , lexemes
  , Statement
  , parseStatement
  , Items (..)
  , parseModuleText
  , hasStatementForm
  , hasModuleForm
  , importPlace
  , hasTemplates
    -- * Compiling
  , compileStatement
  , compileDeclarations
  , bindNames
  , bindValues
  , valueOf
  , compileModule
  , forgetPlaces
    -- * Sessions
  , HscEnv
  , newSession
  , startFlags
  , libraryName
  , interactiveFlags
  , mapInteractiveFlags
  , Reach (..)
  , changeFlags
  , withInteractivePrint
  , interactiveIndex
  , withInteractiveIndex
    -- * Describing things
  , TypeMode (..)
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
    -- * What the session has
  , targetOf
  , loadedModules
  , describeModules
  , describeTargets
  , describeImports
  , describeBindings
  , describeNew
  , describePackages
  , describePaths
  , describeLanguage
  , describeSettings
    -- * Names
  , InScope (..)
  , NameKind (..)
  , namesInScope
  , nameKind
  , isUnqualified
  , isUnqualifiedText
  , namesPackage
  , rdrString
  , visibleModules
  , packageOf
  , extensionNames
  , flagNames
  , constructorFields
  , typeFields
  , quietly
    -- * What GHC says
  , collectProblems
  , problemsOf
  , withSourceErrors
  ) where

import Control.Exception (Handler (Handler), catches, evaluate)
import Control.Monad (filterM, when)
import qualified Control.Monad.Catch as Catch
import Control.Monad.IO.Class (liftIO)
import Data.IORef (IORef, modifyIORef', newIORef)
import qualified Data.List as List
import Data.Maybe (fromMaybe, isJust)
import qualified Data.Set as Set
import Data.Time.Clock (getCurrentTime)
import GHC
import GHC.Data.Bag (bagToList)
import GHC.Data.FastString (fsLit, unpackFS)
import GHC.Data.StringBuffer (hGetStringBuffer, stringToStringBuffer)
import GHC.Driver.CmdLine (Warn (warnMsg))
import GHC.Driver.Flags (WarnReason (..), WarningFlag (Opt_WarnUnusedLocalBinds))
import GHC.Driver.Main (hscParsedDecls, hscParsedStmt)
import GHC.Driver.Finder (addHomeModuleToFinder)
import GHC.Driver.Monad (Session (Session), modifySession, reflectGhc)
import GHC.Driver.Phases (HscSource (HsSrcFile), Phase (Cpp))
import GHC.Driver.Session
  ( defaultDynFlags
  , fFlags
  , flagSpecFlag
  , flagSpecName
  , flagsForCompletion
  , gopt_set
  , gopt_unset
  , Language (Haskell2010)
  , languageExtensions
  , packageFlagsChanged
  , settings
  , wopt
  , wopt_unset
  , wWarningFlags
  , xFlags
  , xopt
  , xopt_set
  , xopt_unset
  )
import GHC.Driver.Types
  ( HscEnv (..)
  , InteractiveContext (..)
  , SourceError
  , extendInteractiveContextWithIds
  , extendMG
  , mkInteractiveHscEnv
  , setInteractivePrintName
  , srcErrorMessages
  , tyThingParent_maybe
  )
import GHC.Core.Ppr.TyThing (pprTyThing, pprTyThingInContext, pprTyThingInContextLoc, pprTypeForUser)
import qualified GHC.Core.Ppr.TyThing as Ppr
import GHC.Iface.Syntax (showToHeader)
import GHC.Iface.Env (lookupOrigIO)
import GHC.LanguageExtensions (Extension (ExtendedDefaultRules, MonomorphismRestriction, TemplateHaskell))
import GHC.Driver.Ways (hostFullWays, wayGeneralFlags, wayUnsetGeneralFlags)
import GHC.Data.Graph.Directed (SCC (AcyclicSCC))
import GHC.Runtime.Debugger (pprTypeAndContents)
import qualified GHC.Parser as Parser
import GHC.Parser.Lexer
  ( P
  , PState
  , ParseResult (..)
  , Token (..)
  , getErrorMessages
  , getMessages
  , lexer
  , mkPState
  , unP
  )
import GHC.Runtime.Interpreter (mkFinalizedHValue, wormhole)
import GHC.Runtime.Linker (extendLinkEnv, initDynLinker, linkCmdLineLibs, linkPackages)
import GHC.Core.ConLike (conLikeFieldLabels)
import GHC.Core.TyCon (tyConFieldLabels)
import GHC.Core.Type (tyConAppTyCon_maybe)
import GHC.Types.FieldLabel (flLabel)
import GHC.Types.Name.Reader
  ( GlobalRdrElt (..)
  , ImpDeclSpec (..)
  , ImportSpec (..)
  , Parent (FldParent)
  , globalRdrEnvElts
  , lookupGlobalRdrEnv
  , rdrNameOcc
  )
import GHC.Types.Name (nameOccName, pprInfixName)
import GHC.Types.Name.Occurrence (isDataOcc, isDerivedOccName, isSymOcc, isTcOcc, mkVarOcc, occNameString)
import GHC.Types.SrcLoc (mkRealSrcLoc)
import GHC.Unit.Types (unitString)
import GHC.Unit.State (listVisibleModuleNames, preloadUnits)
import qualified GHC.Utils.Error as Ghc
import GHC.Utils.Outputable
  ( SDoc
  , dcolon
  , defaultUserStyle
  , empty
  , equals
  , initSDocContext
  , mkErrStyle
  , nest
  , ppr
  , renderWithStyle
  , sep
  , showSDocForUser
  , text
  , vcat
  , ($$)
  , (<+>)
  )
import GHC.Utils.Panic (throwGhcExceptionIO)
import GHCi.RemoteTypes (mkRemoteRef)
import Span (Problem (..), Severity (..), Span (..), noSpan)
import System.Directory (doesFileExist, getCurrentDirectory)

-- | A token or comment with its place.
data Lexeme = Lexeme
  { lexemeSpan :: Span
  , lexemeKind :: LexemeKind
  }

-- | What the splitter has to tell apart.
data LexemeKind
  = Comment String
  | ImportWord
  | ModuleWord
  | Continuation
  -- ^ A token that no item can start with.
  | OpeningBrace
  | ClosingBrace
  -- ^ Braces that are in the text.
  | Layout
  -- ^ A brace or semicolon that is not in the text.
  | OtherToken
  | EndOfText
  | Unreadable
  deriving (Eq)

-- | The tokens of a text that starts at the given line; made as they are asked for.
lexemes :: DynFlags -> String -> Int -> String -> [Lexeme]
lexemes flags file line code = go (parserState (flags `gopt_set` Opt_KeepRawTokenStream) file line code)
  where
    go state = case unP (lexer False pure) state of
      PFailed _ -> [Lexeme noSpan Unreadable]
      POk next (L place token) ->
        let here = toSpan place
         in Lexeme here (kindOf here token) : case token of
              ITeof -> []
              _ -> go next

kindOf :: Span -> Token -> LexemeKind
kindOf place token = case token of
  ITeof -> EndOfText
  ITimport -> ImportWord
  ITmodule -> ModuleWord
  ITlineComment comment -> Comment comment
  ITblockComment comment -> Comment comment
  ITdocCommentNext comment -> Comment comment
  ITdocCommentPrev comment -> Comment comment
  ITdocCommentNamed comment -> Comment comment
  ITdocSection _ comment -> Comment comment
  ITdocOptions comment -> Comment comment
  ITvocurly -> Layout
  ITvccurly -> Layout
  ITsemi | spanColumn place == spanEndColumn place -> Layout
  ITthen -> Continuation
  ITelse -> Continuation
  ITof -> Continuation
  ITin -> Continuation
  ITcparen -> Continuation
  ITcbrack -> Continuation
  ITocurly -> OpeningBrace
  ITccurly -> ClosingBrace
  ITcomma -> Continuation
  _ -> OtherToken

-- | A statement of a cell.
type Statement = GhciLStmt GhcPs

-- | Reads one statement; 'Nothing' when there is only blank space.
parseStatement :: DynFlags -> String -> Int -> String -> Either [Problem] (Maybe Statement)
parseStatement flags file line code = fmap snd (run Parser.parseStmt flags file line code)

-- | What stands in a module, or in declarations and imports without a module header.
data Items = Items
  { parsedImports :: [ImportDecl GhcPs]
  , parsedDeclarations :: [LHsDecl GhcPs]
  , parsedWarnings :: [Problem]
  }

-- | Reads imports and declarations.
parseModuleText :: DynFlags -> String -> Int -> String -> Either [Problem] Items
parseModuleText flags file line code = do
  (warnings, L _ parsed) <- run Parser.parseModule flags file line code
  pure (Items (map unLoc (hsmodImports parsed)) (hsmodDecls parsed) warnings)

-- | Does the parser come to the end of a text, though an extension may be missing for what it found?
hasStatementForm, hasModuleForm :: DynFlags -> String -> Bool
hasStatementForm = comesToEnd Parser.parseStmt
hasModuleForm = comesToEnd Parser.parseModule

comesToEnd :: P a -> DynFlags -> String -> Bool
comesToEnd reader flags code = case unP reader (parserState flags "" 1 code) of
  POk _ _ -> True
  PFailed _ -> False

-- | Where an import names its module.
importPlace :: ImportDecl GhcPs -> Span
importPlace = toSpan . getLoc . ideclName

-- | Is Template Haskell on?
hasTemplates :: DynFlags -> Bool
hasTemplates = xopt TemplateHaskell

run :: P a -> DynFlags -> String -> Int -> String -> Either [Problem] ([Problem], a)
run reader flags file line code = case unP reader (parserState flags file line code) of
  POk state result ->
    let (warnings, errors) = getMessages state flags
     in if null (bagToList errors)
          then Right (map (fromErrMsg flags "parse") (bagToList warnings), result)
          else Left (map (fromErrMsg flags "parse") (bagToList errors))
  PFailed state -> Left (map (fromErrMsg flags "parse") (bagToList (getErrorMessages state flags)))

parserState :: DynFlags -> String -> Int -> String -> PState
parserState flags file line code =
  mkPState flags (stringToStringBuffer code) (mkRealSrcLoc (fsLit file) line 1)

-- | A GHC session over the libraries in the given folder. Unlike 'runGhc' it leaves the signal
-- handlers alone.
newSession :: FilePath -> IO Session
newSession folder = do
  ref <- newIORef (error "the session is being made")
  let session = Session ref
  reflectGhc (initGhcMonad (Just folder)) session
  pure session

-- | The flags that code in cells is compiled with.
interactiveFlags :: HscEnv -> DynFlags
interactiveFlags = ic_dflags . hsc_IC

-- | Changes the flags that code in cells is compiled with.
mapInteractiveFlags :: (DynFlags -> DynFlags) -> HscEnv -> HscEnv
mapInteractiveFlags change env = env {hsc_IC = context {ic_dflags = change (ic_dflags context)}}
  where
    context = hsc_IC env

-- | The function that shows the values of expressions.
withInteractivePrint :: Name -> HscEnv -> HscEnv
withInteractivePrint name env = env {hsc_IC = setInteractivePrintName (hsc_IC env) name}

-- | Numbers the modules that hold what cells define; no two may have the same number.
interactiveIndex :: HscEnv -> Int
interactiveIndex = ic_mod_index . hsc_IC

-- | Sets the number of the next of those modules.
withInteractiveIndex :: Int -> HscEnv -> HscEnv
withInteractiveIndex index env = env {hsc_IC = (hsc_IC env) {ic_mod_index = index}}

-- | Compiles a statement: what it binds, the action that gives the values in that order, and the
-- session in which they are bound.
compileStatement :: HscEnv -> Statement -> IO (Maybe ([Id], ForeignHValue, HscEnv))
compileStatement env statement = do
  compiled <- hscParsedStmt (mkInteractiveHscEnv (mapInteractiveFlags quiet env)) statement
  pure $ case compiled of
    Nothing -> Nothing
    Just (ids, action, fixities) ->
      let context = (hsc_IC env) {ic_fix_env = fixities}
       in Just (ids, action, env {hsc_IC = extendInteractiveContextWithIds context ids})
  where
    -- What one statement binds, a later one uses.
    quiet flags = wopt_unset flags Opt_WarnUnusedLocalBinds

-- | Compiles declarations and links them: the session in which they are in scope.
compileDeclarations :: HscEnv -> [LHsDecl GhcPs] -> IO HscEnv
compileDeclarations env declarations = do
  (_, context) <- hscParsedDecls (mkInteractiveHscEnv env) declarations
  pure env {hsc_IC = context}

-- | Gives names their values.
bindValues :: HscEnv -> [(Id, HValue)] -> IO ()
bindValues env values = bind env [(getName name, value) | (name, value) <- values]

-- | Gives names of libraries other values than they have there, for code that is compiled later.
bindNames :: [(Name, HValue)] -> Ghc ()
bindNames values = do
  env <- getSession
  liftIO (initDynLinker env)
  liftIO (bind env values)

bind :: HscEnv -> [(Name, HValue)] -> IO ()
bind env values = do
  bindings <- mapM binding values
  extendLinkEnv (hsc_dynLinker env) bindings
  where
    binding (name, value) = do
      reference <- mkRemoteRef value >>= mkFinalizedHValue env
      pure (name, reference)

-- | The value that a reference of this process stands for.
valueOf :: HscEnv -> ForeignHValue -> IO HValue
valueOf env reference = case hsc_interp env of
  Just interpreter -> wormhole interpreter reference
  Nothing -> ioError (userError "this GHC has no interpreter")

-- | From now on what GHC logs is appended to the list, newest first.
collectProblems :: IORef [Problem] -> DynFlags -> DynFlags
collectProblems problems flags = flags {log_action = collect}
  where
    collect used reason severity place message = case severity of
      Ghc.SevWarning -> keep IsWarning
      Ghc.SevError -> keep IsError
      Ghc.SevFatal -> keep IsError
      _ -> putStrLn (rendered ())
      where
        rendered () = renderWithStyle (initSDocContext used defaultUserStyle) message
        keep level = do
          let said = rendered ()
          _ <- evaluate (length said)
          modifyIORef' problems
            (Problem level "compile" (reasonFlag reason) (toSpan place) said [] :)

reasonFlag :: WarnReason -> Maybe String
reasonFlag reason = case reason of
  Reason flag -> named flag
  ErrReason (Just flag) -> named flag
  _ -> Nothing
  where
    named flag =
      ("-W" ++) . flagSpecName <$> List.find ((== flag) . flagSpecFlag) wWarningFlags

-- | Runs a part of the compiler; what is wrong with the code otherwise.
withSourceErrors :: HscEnv -> String -> IO a -> IO (Either [Problem] a)
withSourceErrors env stage action = (Right <$> action) `catches`
  [ Handler (pure . Left . problemsOf env stage)
  , Handler (\failure -> pure (Left [Problem IsError stage Nothing noSpan (showGhcException failure "") []]))
  ]

-- | The errors that GHC threw.
problemsOf :: HscEnv -> String -> SourceError -> [Problem]
problemsOf env stage failure =
  map (fromErrMsg (interactiveFlags env) stage) (bagToList (srcErrorMessages failure))

fromErrMsg :: DynFlags -> String -> Ghc.ErrMsg -> Problem
fromErrMsg flags stage message =
  Problem
    { problemSeverity = case Ghc.errMsgSeverity message of
        Ghc.SevWarning -> IsWarning
        _ -> IsError
    , problemStage = stage
    , problemFlag = reasonFlag (Ghc.errMsgReason message)
    , problemSpan = toSpan (Ghc.errMsgSpan message)
    , problemText = render (Ghc.formatErrDoc context document)
    , problemMore = []
    }
  where
    document = Ghc.errMsgDoc message
    context = initSDocContext flags (mkErrStyle (Ghc.errMsgContext message))
    render = renderWithStyle context

toSpan :: SrcSpan -> Span
toSpan place = case srcSpanStart place of
  RealSrcLoc start _ | RealSrcLoc end _ <- srcSpanEnd place ->
    Span
      { spanFile = unpackFS (srcLocFile start)
      , spanLine = srcLocLine start
      , spanColumn = srcLocCol start
      , spanEndLine = srcLocLine end
      , spanEndColumn = srcLocCol end
      }
  _ -> noSpan

-- | What flags are for: only the code of cells, or modules that are loaded too.
data Reach = Interactive | Everywhere
  deriving (Eq)

-- | Sets flags as a command line has them; what GHC remarks. Fails with what is wrong.
changeFlags :: Reach -> [String] -> Ghc (Either String [String])
changeFlags reach options = do
  outcome <- Catch.try (parse =<< getInteractiveDynFlags)
  case outcome of
    Left failure -> pure (Left (showGhcException failure ""))
    Right (flags, [], remarks) -> do
      when (reach == Everywhere) changeProgram
      program <- getSessionDynFlags
      setInteractiveDynFlags
        flags {unitState = unitState program, unitDatabases = unitDatabases program, packageFlags = packageFlags program}
      pure (Right remarks)
    Right (_, left, _) ->
      pure (Left ("Some flags have not been recognized: " ++ List.intercalate ", " left))
  where
    parse flags = do
      (new, left, remarks) <- parseDynamicFlags flags (map noLoc options)
      pure (new, map unLoc left, map (unLoc . warnMsg) remarks)
    changeProgram = do
      before <- getSessionDynFlags
      (wanted, _, _) <- parse before
      _ <- setProgramDynFlags wanted
      env <- getSession
      when (packageFlagsChanged (hsc_dflags env) before) $ do
        setTargets []
        _ <- load LoadAllTargets
        liftIO (linkPackages env (preloadUnits (unitState (hsc_dflags env))))
      let libraries = drop (length (ldInputs before)) (ldInputs (hsc_dflags env))
      when (not (null libraries)) $
        liftIO (linkCmdLineLibs env {hsc_dflags = (hsc_dflags env) {ldInputs = libraries}})

-- | The flags of a fresh session: cells are interpreted, the library in this package database is
-- there, and nothing of what GHC says goes to the terminal.
startFlags :: FilePath -> (DynFlags -> DynFlags) -> Ghc ()
startFlags packages change = do
  flags <- getSessionDynFlags
  (withPackages, _, _) <-
    parseDynamicFlags flags (map noLoc ["-package-db", packages, "-package", "hilum"])
  _ <- setSessionDynFlags $ change $ ownWays withPackages
    { hscTarget = HscInterpreted
    , ghcLink = LinkInMemory
    , ghcMode = CompManager
    , verbosity = 1
    }
  setInteractiveDynFlags . interactive . change =<< getInteractiveDynFlags
  where
    -- Code is loaded that was built as this program was, dynamically linked.
    ownWays flags =
      let platform = targetPlatform flags
          on = concatMap (wayGeneralFlags platform) (Set.toList hostFullWays)
          off = concatMap (wayUnsetGeneralFlags platform) (Set.toList hostFullWays)
          more = [Opt_ImplicitImportQualified, Opt_IgnoreOptimChanges, Opt_IgnoreHpcChanges]
       in List.foldl' gopt_unset (List.foldl' gopt_set flags {ways = hostFullWays} (on ++ more)) off
    interactive flags = flags `xopt_set` ExtendedDefaultRules `xopt_unset` MonomorphismRestriction

-- | A name that a module of a package exports.
libraryName :: ModuleName -> String -> Ghc Name
libraryName home name = do
  found <- findModule home Nothing
  env <- getSession
  liftIO (lookupOrigIO env found (mkVarOcc name))

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

-- | A module or file that is to be loaded, by its name.
targetOf :: String -> Ghc Target
targetOf name = guessTarget name Nothing

-- | Modules that are loaded, what is imported before what imports it.
loadedModules :: Ghc [ModuleName]
loadedModules = do
  graph <- getModuleGraph
  let names = map ms_mod_name (mgModSummaries' graph)
  filterM isLoaded names

mgModSummaries' :: ModuleGraph -> [ModSummary]
mgModSummaries' graph = [summary | AcyclicSCC summary <- topSortModuleGraph True graph Nothing]

-- | The loaded modules as GHCi lists them.
describeModules :: Ghc String
describeModules = do
  graph <- getModuleGraph
  loaded <- filterM (isLoaded . ms_mod_name) (mgModSummaries' graph)
  List.intercalate "\n" <$> mapM showModule loaded

-- | What was asked to be loaded.
describeTargets :: Ghc String
describeTargets = List.intercalate "\n" . map name <$> getTargets
  where
    name target = case targetId target of
      TargetModule home -> moduleNameString home
      TargetFile file _ -> file

-- | The imports that cells see.
describeImports :: Ghc String
describeImports = List.intercalate "\n" <$> (mapM line =<< getContext)
  where
    line (IIModule name) = pure (":module +*" ++ moduleNameString name)
    line (IIDecl declaration) = do
      shown <- renderForUser (ppr declaration {ideclImplicit = False})
      pure (shown ++ (if ideclImplicit declaration then " -- implicit" else ""))

-- | What cells have bound, with values as far as they are known, and their instances.
describeBindings :: Ghc String
describeBindings = do
  bindings <- filter (not . isDerivedOccName . getOccName) <$> getBindings
  (instances, families) <- getInsts
  documents <- mapM line (reverse bindings)
  List.intercalate "\n" <$>
    mapM renderForUser (documents ++ map pprInstanceHdr instances ++ map describeFamily families)
  where
    line (AnId name) = pprTypeAndContents name
    line thing = do
      info <- getInfo False (getName thing)
      pure (maybe empty (\(found, _, _, _, _) -> describeShort found) info)

-- | What the session has in scope that it had not in this one: each name with its type, each type with
-- its kind.
describeNew :: HscEnv -> Ghc [String]
describeNew before = do
  env <- getSession
  mapM (renderForUser . describeShort) (List.sortOn (nameString . getName) (filter isNew (ic_tythings (hsc_IC env))))
  where
    old = Set.fromList (map getName (ic_tythings (hsc_IC before)))
    isNew thing = getName thing `Set.notMember` old && not (isDerivedOccName (getOccName thing))

-- | Package flags in force.
describePackages :: Ghc String
describePackages = do
  flags <- getSessionDynFlags
  shown <- mapM (renderForUser . ppr) (packageFlags flags)
  pure (List.intercalate "\n  " (("active package flags:" ++ (if null shown then " none" else "")) : shown))

-- | Where files are looked for.
describePaths :: Ghc String
describePaths = do
  flags <- getSessionDynFlags
  here <- liftIO getCurrentDirectory
  pure (List.intercalate "\n"
    (["current working directory: ", "  " ++ here, "module import search paths:"] ++ map ("  " ++) (importPaths flags)))

flagsFor :: Reach -> Ghc DynFlags
flagsFor Interactive = getInteractiveDynFlags
flagsFor Everywhere = getSessionDynFlags

-- | The language and what is changed of it.
describeLanguage :: Reach -> Ghc String
describeLanguage reach = do
  flags <- flagsFor reach
  let used = fromMaybe Haskell2010 (language flags)
      base = show used
      normal = languageExtensions (Just used)
      changed =
        [ (if on then "  -X" else "  -XNo") ++ flagSpecName spec
        | spec <- xFlags
        , let on = xopt (flagSpecFlag spec) flags
        , on /= (flagSpecFlag spec `elem` normal)
        ]
  pure (List.intercalate "\n" (("base language is: " ++ base) : "with the following modifiers:" : List.nub changed))

-- | What @:set@ has set.
describeSettings :: Reach -> Ghc String
describeSettings reach = do
  flags <- flagsFor reach
  languageText <- describeLanguage reach
  let normal = defaultDynFlags (settings flags) (llvmConfig flags)
      option on off test specs =
        [ (if test (flagSpecFlag spec) flags then on else off) ++ flagSpecName spec
        | spec <- specs
        , test (flagSpecFlag spec) flags /= test (flagSpecFlag spec) normal
        ]
  pure (List.intercalate "\n" (concat
    [ [languageText, "other dynamic, non-language, flag settings:"]
    , option "  -f" "  -fno-" gopt fFlags
    , ["warning settings:"]
    , option "  -W" "  -Wno-" wopt wWarningFlags
    ]))

-- | Compiles a text that is a whole module and makes the module part of the session.
compileModule :: String -> String -> Ghc ModuleName
compileModule file code = do
  now <- liftIO getCurrentTime
  targets <- getTargets
  -- Looking for imports forgets all modules but those of targets.
  flags <- getSessionDynFlags
  let named = either (const Nothing) (fmap unLoc . hsmodName . unLoc . snd) (run Parser.parseHeader flags file 1 code)
  graphBefore <- filterM withoutFile . mgModSummaries =<< getModuleGraph
  others <- mapM again (filter ((/= named) . Just . ms_mod_name) graphBefore)
  setTargets (whole file (stringToStringBuffer code) now
    : [target | (name, target) <- others, name /= file] ++ targets)
  graph <- depanal [] False
  setTargets targets
  case filter ((== Just file) . ml_hs_file . ms_location) (mgModSummaries graph) of
    summary : _ -> do
      let imported = map (unLoc . snd) (ms_textual_imps summary)
      missing <- filterM (fmap not . isLoaded) (filter (`elem` imported) (map ms_mod_name (mgModSummaries graph)))
      mapM_ (liftIO . throwGhcExceptionIO . CmdLineError . notLoaded) (take 1 missing)
      _ <- parseModule summary >>= typecheckModule >>= loadModule
      modifySession (\env -> env {hsc_mod_graph = extendMG (withoutOld summary (hsc_mod_graph env)) summary})
      pure (ms_mod_name summary)
    [] -> liftIO (throwGhcExceptionIO (CmdLineError "this is no module"))
  where
    -- To GHC a module that is not loaded would be one that exports nothing.
    notLoaded found = let name = moduleNameString found
                       in concat ["module ‘", name, "’ is not loaded; :load ", name, " does that"]
    whole name contents time = Target
      { targetId = TargetFile name (Just (Cpp HsSrcFile))
      , targetAllowObjCode = False
      , targetContents = Just (contents, time)
      }
    again summary = do
      let name = fromMaybe "" (ml_hs_file (ms_location summary))
      contents <- maybe (liftIO (hGetStringBuffer name)) pure (ms_hspp_buf summary)
      pure (name, whole name contents (ms_hs_date summary))
    withoutFile summary = not <$> liftIO (maybe (pure False) doesFileExist (ml_hs_file (ms_location summary)))
    withoutOld summary = mkModuleGraph . filter ((/= ms_mod_name summary) . ms_mod_name) . mgModSummaries

-- | Forgets where files were found, but not the modules that have no file.
forgetPlaces :: Ghc ()
forgetPlaces = do
  workingDirectoryChanged
  env <- getSession
  liftIO (mapM_ (again env) (mgModSummaries (hsc_mod_graph env)))
  where
    again env summary = addHomeModuleToFinder env (ms_mod_name summary) (ms_location summary)

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

-- | Does an import say which package its module is of?
namesPackage :: ImportDecl GhcPs -> Bool
namesPackage = isJust . ideclPkgQual

-- | A name as it was written, unqualified.
rdrString :: RdrName -> String
rdrString = occNameString . rdrNameOcc

-- | Modules of packages that an import can name.
visibleModules :: HscEnv -> [String]
visibleModules = map moduleNameString . listVisibleModuleNames . unitState . hsc_dflags

-- | The package that a module is part of.
packageOf :: Module -> String
packageOf = unitString . moduleUnit

-- | Extensions and languages, also those that switch one off.
extensionNames :: [String]
extensionNames = languages ++ concat [[name, "No" ++ name] | name <- map flagSpecName xFlags]
  where
    languages = ["Haskell98", "Haskell2010", "Safe", "Trustworthy", "Unsafe"]

-- | Flags that @:set@ takes.
flagNames :: [String]
flagNames = flagsForCompletion True

-- | Fields of a constructor.
constructorFields :: TyThing -> [String]
constructorFields (AConLike constructor) = map (unpackFS . flLabel) (conLikeFieldLabels constructor)
constructorFields _ = []

-- | Fields of a type's constructors.
typeFields :: Type -> [String]
typeFields = maybe [] (map (unpackFS . flLabel) . tyConFieldLabels) . tyConAppTyCon_maybe

-- | A question to GHC that may make no sense: then there is no answer.
quietly :: Ghc a -> Ghc (Maybe a)
quietly action = Catch.catches (Just <$> action)
  [ Catch.Handler (\failure -> const (pure Nothing) (failure :: SourceError))
  , Catch.Handler (\failure -> const (pure Nothing) (failure :: GhcException))
  ]
