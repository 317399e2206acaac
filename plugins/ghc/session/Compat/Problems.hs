-- | What GHC says about code. A part of "Compat".
module Compat.Problems
  ( quietly
  , collectProblems
  , problemsOf
  , withSourceErrors
  , toSpan
  , fromErrMsg
  ) where

import Compat.Session (interactiveFlags)
import Control.Exception (Handler (Handler), catches, evaluate)
import qualified Control.Monad.Catch as Catch
import Data.IORef (IORef, modifyIORef')
import qualified Data.List as List
import GHC
import GHC.Data.Bag (bagToList)
import GHC.Data.FastString (unpackFS)
import GHC.Driver.Flags (WarnReason (..))
import GHC.Driver.Session (flagSpecFlag, flagSpecName, wWarningFlags)
import GHC.Driver.Types (SourceError, srcErrorMessages)
import qualified GHC.Utils.Error as Ghc
import GHC.Utils.Outputable (defaultUserStyle, initSDocContext, mkErrStyle, renderWithStyle)
import Span (Problem (..), Severity (..), Span (..), noSpan)

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

-- | A question to GHC that may make no sense: then there is no answer.
quietly :: Ghc a -> Ghc (Maybe a)
quietly action = Catch.catches (Just <$> action)
  [ Catch.Handler (\failure -> const (pure Nothing) (failure :: SourceError))
  , Catch.Handler (\failure -> const (pure Nothing) (failure :: GhcException))
  ]
