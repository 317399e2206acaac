-- | A session, its flags, and what cells are compiled with. A part of "Compat".
module Compat.Session
  ( HscEnv
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
  , extensionNames
  , flagNames
  ) where

import Control.Monad (when)
import qualified Control.Monad.Catch as Catch
import Control.Monad.IO.Class (liftIO)
import Data.IORef (newIORef)
import qualified Data.List as List
import qualified Data.Set as Set
import GHC
import GHC.Driver.CmdLine (Warn (warnMsg))
import GHC.Driver.Monad (Session (Session), reflectGhc)
import GHC.Driver.Session
  ( flagSpecName
  , flagsForCompletion
  , gopt_set
  , gopt_unset
  , packageFlagsChanged
  , xFlags
  , xopt_set
  , xopt_unset
  )
import GHC.Driver.Types (HscEnv (..), InteractiveContext (..), setInteractivePrintName)
import GHC.Driver.Ways (hostFullWays, wayGeneralFlags, wayUnsetGeneralFlags)
import GHC.Iface.Env (lookupOrigIO)
import GHC.LanguageExtensions (Extension (ExtendedDefaultRules, MonomorphismRestriction))
import GHC.Runtime.Linker (linkCmdLineLibs, linkPackages)
import GHC.Types.Name.Occurrence (mkVarOcc)
import GHC.Unit.State (preloadUnits)

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

-- | Extensions and languages, also those that switch one off.
extensionNames :: [String]
extensionNames = languages ++ concat [[name, "No" ++ name] | name <- map flagSpecName xFlags]
  where
    languages = ["Haskell98", "Haskell2010", "Safe", "Trustworthy", "Unsafe"]

-- | Flags that @:set@ takes.
flagNames :: [String]
flagNames = flagsForCompletion True
