"""Problems whose pairs and points are given: a document or arrays in, a model, and the answer out."""
