"""The service: the record, the quarterly run, the REST API and the command line."""
