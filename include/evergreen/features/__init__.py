"""What a saved model needs at prediction time: the one pipeline from table rows to predictions.

`predictor.Predictor` is a fitted model, `fitting.fit` makes one, `pipeline.build_pipeline` is its unfitted inside.
"""
