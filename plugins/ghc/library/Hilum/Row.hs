{-# LANGUAGE FlexibleContexts #-}
{-# LANGUAGE FlexibleInstances #-}
{-# LANGUAGE ScopedTypeVariables #-}
{-# LANGUAGE TypeOperators #-}
{-# LANGUAGE UndecidableInstances #-}

-- | A value as a row of a table: a record by its fields, a tuple by its components.
module Hilum.Row
    ( ToRow (..)
    , RecordRow
    , Column
    ) where

import qualified Data.Map as Map
import Data.Proxy (Proxy (Proxy))
import Data.Text (Text)
import GHC.Generics

import Hilum.Cell (Cell, ToCell (toCell))

-- | A heading, and the number of the component when it has no name of its own.
type Column = String

-- | Types whose values are rows. Whatever derives 'Generic' is one, and so are tuples, lists and maps
-- with names as keys. Numbers and text are rows of one cell.
class ToRow a where
    -- | The columns that the type itself tells: there are some even if there are no rows.
    columnsOf :: Proxy a -> [Column]
    columnsOf _ = []

    toRow :: a -> [(Column, Cell)]

instance {-# OVERLAPPABLE #-} (Generic a, RecordRow (Rep a)) => ToRow a where
    columnsOf _ = recordColumns (Proxy :: Proxy (Rep a))
    toRow = recordRow . from

instance {-# OVERLAPPING #-} ToCell a => ToRow [a] where
    toRow cells = zip (map show [1 :: Int ..]) (map toCell cells)

instance ToCell a => ToRow (Map.Map String a) where
    toRow = map (fmap toCell) . Map.toList

instance {-# OVERLAPPING #-} ToRow String where toRow = single
instance ToRow Char where toRow = single
instance ToRow Bool where toRow = single
instance ToRow Int where toRow = single
instance ToRow Integer where toRow = single
instance ToRow Double where toRow = single
instance ToRow Text where toRow = single

single :: ToCell a => a -> [(Column, Cell)]
single value = [("value", toCell value)]

-- | What 'Generic' tells of a record.
class RecordRow f where
    recordColumns :: Proxy f -> [Column]
    recordRow :: f p -> [(Column, Cell)]

instance RecordRow f => RecordRow (D1 meta f) where
    recordColumns _ = recordColumns (Proxy :: Proxy f)
    recordRow (M1 inner) = recordRow inner

-- | Alternatives have all their columns side by side; a row leaves empty what is not its own.
instance (RecordRow f, RecordRow g) => RecordRow (f :+: g) where
    recordColumns _ = left ++ filter (`notElem` left) (recordColumns (Proxy :: Proxy g))
      where
        left = recordColumns (Proxy :: Proxy f)
    recordRow (L1 inner) = recordRow inner
    recordRow (R1 inner) = recordRow inner

instance Fields f => RecordRow (C1 meta f) where
    recordColumns _ = numbered (fieldNames (Proxy :: Proxy f))
    recordRow (M1 inner) = zip (recordColumns (Proxy :: Proxy (C1 meta f))) (fieldCells inner)

numbered :: [String] -> [Column]
numbered = zipWith name [1 :: Int ..]
  where
    name number "" = show number
    name _ given = given

class Fields f where
    fieldNames :: Proxy f -> [String]
    fieldCells :: f p -> [Cell]

instance Fields U1 where
    fieldNames _ = []
    fieldCells U1 = []

instance (Fields f, Fields g) => Fields (f :*: g) where
    fieldNames _ = fieldNames (Proxy :: Proxy f) ++ fieldNames (Proxy :: Proxy g)
    fieldCells (left :*: right) = fieldCells left ++ fieldCells right

instance (Selector meta, ToCell a) => Fields (S1 meta (K1 i a)) where
    fieldNames _ = [selName (undefined :: S1 meta (K1 i a) ())]
    fieldCells (M1 (K1 value)) = [toCell value]
