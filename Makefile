# Each target is a command of dev.py, which works without make as well: python3 dev.py run
# ARGS goes to the command: make run ARGS="2015-Q1"; make test ARGS="tests/matching -x"
PYTHON ?= python3

help:
	@$(PYTHON) dev.py help

run test serve worker check mutation lock environment:
	@$(PYTHON) dev.py $@ $(ARGS)

.PHONY: help run test serve worker check mutation lock environment
