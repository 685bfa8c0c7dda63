"""AutoGluon's TabularPredictor, on the CPU, with one of its presets and one time limit.

Left out of its environment: ray (folds are fitted one after another, each on both cores), fastai (it needs torchvision)
and the foundation models (their weights are downloads). PyTorch is there where `make` was given a CPU wheel.
"""

from __future__ import annotations

from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

import pandas as pd
from autogluon.tabular import TabularPredictor
from common import Watch, job

if __name__ == "__main__":
    asked = job()
    train, test = pd.read_parquet(asked.train), pd.read_parquet(asked.test)
    watch = Watch()
    predictor = TabularPredictor(
        label=asked.target,
        problem_type=asked.task,
        eval_metric={"rmse": "root_mean_squared_error"}.get(asked.metric, asked.metric),
        path=str(Path(asked.workplace) / "autogluon"),
        verbosity=1,
    )
    predictor.fit(train, time_limit=asked.seconds, num_cpus=asked.cores, num_gpus=0, **asked.options)
    fit = watch.lap()
    if asked.task == "regression":
        asked.write(predictor.predict(test).to_numpy())
    else:
        shares = predictor.predict_proba(test)
        asked.write(shares.to_numpy(), list(shares.columns))
    asked.note(
        version=metadata.version("autogluon.tabular"),
        fit_seconds=fit,
        predict_seconds=watch.lap(),
        options=asked.options,
        torch=find_spec("torch") is not None,
        best=predictor.model_best,
        models=predictor.model_names(),
    )
