"""The importer: files of records, checked line by line, written whole or not at all."""
