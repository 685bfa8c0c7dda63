"""The store of models: MLflow runs, registered versions, aliases."""
