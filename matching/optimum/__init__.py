"""The optimum of a model as a flow: laid, solved, told apart from its equals, handed back and priced."""
