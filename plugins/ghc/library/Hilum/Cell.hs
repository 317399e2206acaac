{-# LANGUAGE FlexibleInstances #-}
{-# LANGUAGE UndecidableInstances #-}

-- | A value in a table's cell.
module Hilum.Cell
    ( Cell (..)
    , Align (..)
    , ToCell (..)
    ) where

import Data.Int (Int16, Int32, Int64, Int8)
import Data.Ratio (Ratio)
import qualified Data.Text as Text
import qualified Data.Text.Lazy as LazyText
import Data.Word (Word16, Word32, Word64, Word8)
import Numeric.Natural (Natural)

import Hilum.Bundle (Bundle, Form (Text), forms, plainText)

data Align = AtLeft | AtRight
    deriving (Eq, Show)

-- | What a cell shows: text, or HTML with a text for where there is no HTML.
data Cell = Cell
    { cellText :: String
    , cellHtml :: Maybe String
    , cellAlign :: Align
    }
    deriving (Eq, Show)

-- | Types that stand in a cell otherwise than by 'show': text without quotes, numbers at the right,
-- 'Nothing' as an empty cell, bundles by their HTML.
class ToCell a where
    toCell :: a -> Cell

instance {-# OVERLAPPABLE #-} Show a => ToCell a where
    toCell = textCell . show

instance ToCell Cell where toCell = id
instance {-# OVERLAPPING #-} ToCell String where toCell = textCell
instance ToCell Char where toCell c = textCell [c]
instance ToCell Text.Text where toCell = textCell . Text.unpack
instance ToCell LazyText.Text where toCell = textCell . LazyText.unpack
instance ToCell Integer where toCell = numberCell
instance ToCell Natural where toCell = numberCell
instance ToCell Int where toCell = numberCell
instance ToCell Int8 where toCell = numberCell
instance ToCell Int16 where toCell = numberCell
instance ToCell Int32 where toCell = numberCell
instance ToCell Int64 where toCell = numberCell
instance ToCell Word where toCell = numberCell
instance ToCell Word8 where toCell = numberCell
instance ToCell Word16 where toCell = numberCell
instance ToCell Word32 where toCell = numberCell
instance ToCell Word64 where toCell = numberCell
instance ToCell Double where toCell = numberCell
instance ToCell Float where toCell = numberCell
instance Show a => ToCell (Ratio a) where toCell = numberCell

instance ToCell a => ToCell (Maybe a) where
    toCell = maybe (textCell "") toCell

instance ToCell Bundle where
    toCell bundle = (textCell (plainText bundle))
        { cellHtml = case [source | name <- ["text/html", "image/svg+xml"]
                                  , Just (Text source) <- [lookup name (forms bundle)]] of
            source : _ -> Just source
            [] -> Nothing
        }

textCell :: String -> Cell
textCell string = Cell string Nothing AtLeft

numberCell :: Show a => a -> Cell
numberCell number = Cell (show number) Nothing AtRight
