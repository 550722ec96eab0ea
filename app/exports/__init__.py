"""The export: records as files that the importer reads back, without loss."""
