"""Problems whose pairs are judged and scored: facts in, a model, and the result with its reasons out."""
