"""FLAML's AutoML with its defaults: its own choice of learners and of holdout or cross-validation, one time budget."""

from __future__ import annotations

import flaml
from common import Watch, job
from flaml import AutoML

METRICS = {"binary": "roc_auc", "multiclass": "log_loss", "regression": "rmse"}

if __name__ == "__main__":
    asked = job()
    x, y, test = asked.rows()
    watch = Watch()
    search = AutoML()
    search.fit(
        X_train=x,
        y_train=y,
        task="regression" if asked.task == "regression" else "classification",
        metric=METRICS[asked.task],
        time_budget=asked.seconds,
        n_jobs=asked.cores,
        seed=asked.seed,
        verbose=1,
    )
    fit = watch.lap()
    if asked.task == "regression":
        asked.write(search.predict(test))
    else:
        asked.write(search.predict_proba(test), search.classes_)
    asked.note(
        version=flaml.__version__,
        fit_seconds=fit,
        predict_seconds=watch.lap(),
        best=search.best_estimator,
        learners=search.estimator_list,
    )
