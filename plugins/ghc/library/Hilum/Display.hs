{-# LANGUAGE FlexibleInstances #-}
{-# LANGUAGE UndecidableInstances #-}

-- | Showing values: the class that says how, and the actions that do it.
module Hilum.Display
    ( Display (..)
    , display
    , DisplayId (..)
    , newDisplay
    , displayAs
    , update
    , clear
    , clearNext
    ) where

import Data.Char (intToDigit)
import Data.IORef (IORef, atomicModifyIORef', newIORef)
import Data.Word (Word64)
import GHC.Clock (getMonotonicTimeNSec)
import Numeric (showIntAtBase)
import System.IO.Unsafe (unsafePerformIO)

import Hilum.Bundle (Bundle, bundleJson, forms, plain)
import Hilum.Json (ToJson (toJson), Value, object, (.=))
import Hilum.Output (send, textLimit)

-- | Types whose values have other forms than text. Every type in 'Show' is one already; with an
-- instance of its own it shows what the instance says:
--
-- > instance Display Colour where
-- >     toBundle c = html ("<b style='color:" ++ name c ++ "'>" ++ name c ++ "</b>") <> plain (name c)
class Display a where
    toBundle :: a -> Bundle

instance {-# OVERLAPPABLE #-} Show a => Display a where
    toBundle = plain . show

instance Display Bundle where
    toBundle = id

-- | Names something that is shown, so that it can be shown differently later.
newtype DisplayId = DisplayId String
    deriving (Eq, Ord, Show)

-- | Shows a value, wherever it stands in a cell.
display :: Display a => a -> IO ()
display = sendBundle "display_data" Nothing . toBundle

-- | Shows a value under a new name, for 'update'.
--
-- > progress <- newDisplay (html "<progress></progress>")
-- > update progress "done"
newDisplay :: Display a => a -> IO DisplayId
newDisplay value = do
    count <- atomicModifyIORef' counter (\n -> (n + 1, n))
    time <- getMonotonicTimeNSec
    let name = DisplayId ("hilum-" ++ hexadecimal time ++ "-" ++ hexadecimal count)
    displayAs name value
    pure name
  where
    hexadecimal n = showIntAtBase 16 intToDigit n ""

-- | Shows a value under a name of your choice.
displayAs :: Display a => DisplayId -> a -> IO ()
displayAs name = sendBundle "display_data" (Just name) . toBundle

-- | Shows another value in place of what is shown under this name, from later cells too.
update :: Display a => DisplayId -> a -> IO ()
update name = sendBundle "update_display_data" (Just name) . toBundle

-- | Clears the cell's output.
clear :: IO ()
clear = send "clear_output" ["wait" .= False]

-- | Clears the cell's output when the next comes: what changes step by step does not flicker.
clearNext :: IO ()
clearNext = send "clear_output" ["wait" .= True]

{-# NOINLINE counter #-}
counter :: IORef Word64
counter = unsafePerformIO (newIORef 0)

sendBundle :: String -> Maybe DisplayId -> Bundle -> IO ()
sendBundle kind name bundle
    | null (forms bundle) = pure ()
    | otherwise = do
        limit <- textLimit
        send kind (bundleJson limit bundle ++ [("transient", transient name)])

transient :: Maybe DisplayId -> Value
transient Nothing = object []
transient (Just (DisplayId name)) = object [("display_id", toJson name)]
