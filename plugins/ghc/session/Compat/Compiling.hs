-- | From code to values. A part of "Compat".
module Compat.Compiling
  ( compileStatement
  , compileDeclarations
  , bindNames
  , bindValues
  , valueOf
  , compileModule
  , forgetPlaces
  ) where

import Compat.Parsing (Statement, run)
import Compat.Session (mapInteractiveFlags)
import Control.Monad (filterM)
import Control.Monad.IO.Class (liftIO)
import Data.Maybe (fromMaybe)
import Data.Time.Clock (getCurrentTime)
import GHC
import GHC.Data.StringBuffer (hGetStringBuffer, stringToStringBuffer)
import GHC.Driver.Finder (addHomeModuleToFinder)
import GHC.Driver.Flags (WarningFlag (Opt_WarnUnusedLocalBinds))
import GHC.Driver.Main (hscParsedDecls, hscParsedStmt)
import GHC.Driver.Monad (modifySession)
import GHC.Driver.Phases (HscSource (HsSrcFile), Phase (Cpp))
import GHC.Driver.Session (wopt_unset)
import GHC.Driver.Types
  ( HscEnv (..)
  , InteractiveContext (..)
  , extendInteractiveContextWithIds
  , extendMG
  , mkInteractiveHscEnv
  )
import qualified GHC.Parser as Parser
import GHC.Runtime.Interpreter (mkFinalizedHValue, wormhole)
import GHC.Runtime.Linker (extendLinkEnv, initDynLinker)
import GHC.Utils.Panic (throwGhcExceptionIO)
import GHCi.RemoteTypes (mkRemoteRef)
import System.Directory (doesFileExist)

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
