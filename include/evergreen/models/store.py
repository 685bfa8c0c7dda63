"""Log, register, alias and load models in MLflow."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlparse
from urllib.request import url2pathname

from evergreen.artifacts import JsonObject, KeptApart, ModelVersion
from evergreen.hashing import folder_sha256
from evergreen.models.client import connect, translated
from evergreen.models.errors import ModelTampered, NoSuchModel
from evergreen.models.mlmodel import PREDICTOR, TWIN, write_mlmodel
from evergreen.models.runs import RunLog, find_version

if TYPE_CHECKING:
    from evergreen.features.predictor import Predictor

CHAMPION = "champion"
_MODEL_TAG = "evergreen.model"


@dataclass
class ModelStore:
    """MLflow as this product uses it: an experiment and a registered model a use case.

    `tracking_uri`: an MLflow server, or its database directly; it may hold a password and is never shown.
    `artifact_root`: a folder, or a URI that MLflow writes to (`s3://…`), for experiments made from here.
    """

    tracking_uri: str = field(repr=False)
    artifact_root: str
    _client: Any = field(default=None, repr=False, compare=False)

    @property
    def client(self) -> Any:
        """The MlflowClient, made at first use."""
        if self._client is None:
            self._client = connect(self.tracking_uri)
        return self._client

    def log(
        self,
        use_case: str,
        *,
        run_name: str,
        predictor: Predictor,
        twin: Predictor | None = None,
        params: JsonObject,
        metrics: Mapping[str, float],
        tags: Mapping[str, str],
        artifacts: Path | None = None,
        dataset_version: int,
        candidate: str,
        seed: int,
        trained_before: datetime | None,
        kept_apart: KeptApart | None = None,
        key: str,
    ) -> ModelVersion:
        """A run with parameters, metrics, tags and files, the model in it, and a registered version of the model.

        `artifacts` is a folder whose files are kept with the run. Called again with the same `key` after whatever crash
        it returns the version that exists, or makes the one that does not. Raises ModelStoreUnreachable.
        """
        with translated(f"log a model of `{use_case}`"):
            existing = find_version(self.client, use_case, key)
            if existing is not None:
                self.client.set_terminated(existing.run_id)  # a crash may have come between the two
                return ModelVersion.model_validate_json(existing.tags[_MODEL_TAG]).model_copy(
                    update={"version": int(existing.version)}
                )
            run = RunLog.begin(
                self.client, self._experiment(use_case), run_name, key,
                {
                    **tags,
                    "evergreen.use_case": use_case,
                    "evergreen.dataset_version": str(dataset_version),
                    "evergreen.candidate": candidate,
                    "evergreen.seed": str(seed),
                },
            )  # fmt: skip
            run.numbers({"candidate": candidate, "seed": seed, **params}, metrics)
            if artifacts is not None:
                self.client.log_artifacts(run.run_id, str(artifacts))
            logged, hashes = self._log_folder(run, use_case, predictor, twin, params)
            root = logged.artifact_location.rstrip("/")
            model = ModelVersion(
                use_case=use_case,
                version=0,
                run_id=run.run_id,
                uri=f"{root}/{PREDICTOR}",
                sha256=hashes[PREDICTOR],
                dataset_version=dataset_version,
                candidate=candidate,
                params=params,
                seed=seed,
                trained_before=trained_before,
                twin_uri=f"{root}/{TWIN}" if twin is not None else None,
                twin_sha256=hashes.get(TWIN),
                kept_apart=kept_apart,
            )
            self._register(use_case)
            version = self.client.create_model_version(
                use_case,
                source=root,
                run_id=run.run_id,
                model_id=logged.model_id,
                await_creation_for=0,
                tags={
                    "evergreen.key": key,
                    "evergreen.dataset_version": str(dataset_version),
                    "evergreen.sha256": model.sha256,
                    _MODEL_TAG: model.model_dump_json(),
                },
            )
            run.end()
            return model.model_copy(update={"version": int(version.version)})

    def get(self, use_case: str, version: int) -> ModelVersion:
        """The reference of a registered version. Raises NoSuchModel, also for a version that we did not log."""
        with translated(f"read version {version} of model `{use_case}`"):
            found = self.client.get_model_version(use_case, str(version))
        said = found.tags.get(_MODEL_TAG)
        if said is None:
            raise NoSuchModel(f"version {version} of model `{use_case}` was registered by hand and can't be released")
        return ModelVersion.model_validate_json(said).model_copy(update={"version": version})

    def folder(self, model: ModelVersion, *, twin: bool = False, into: Path | None = None) -> Path:
        """The predictor's folder, its hash checked. A remote artifact is first downloaded into `into`.

        Raises ModelTampered where the files are not those that were logged, NoSuchModel where there is no twin.
        """
        uri, expected = (model.twin_uri, model.twin_sha256) if twin else (model.uri, model.sha256)
        name = f"version {model.version} of model `{model.use_case}`"
        if uri is None:
            raise NoSuchModel(f"{name} has no twin; it was trained without `refit`")
        path = _local(uri)
        if path is None:
            if into is None:
                into = Path(tempfile.mkdtemp(prefix="evergreen-model-"))
            path = self._download(uri, into, name)
        if not path.is_dir() or folder_sha256(path) != expected:
            raise ModelTampered(
                f"the files of {name} are missing or not those that were logged; it was not loaded. Restore them from "
                "a backup, or roll back to an earlier release."
            )
        return path

    def load(self, model: ModelVersion, *, twin: bool = False) -> Predictor:
        """The model, or its twin. Its hash is checked before anything is deserialised. Raises as `folder`."""
        from evergreen.features.predictor import Predictor

        with tempfile.TemporaryDirectory(prefix="evergreen-model-") as scratch:
            return Predictor.load(self.folder(model, twin=twin, into=Path(scratch)))

    def alias(self, use_case: str, name: str, version: int) -> None:
        """Point an alias (`champion`) at a version. Raises NoSuchModel."""
        with translated(f"set alias `{name}` of model `{use_case}` to version {version}"):
            self.client.set_registered_model_alias(use_case, name, str(version))

    def aliases(self, use_case: str) -> dict[str, int]:
        """Alias to version; empty where no model is registered yet."""
        try:
            with translated(f"read the aliases of model `{use_case}`"):
                found = self.client.get_registered_model(use_case)
        except NoSuchModel:
            return {}
        return {name: int(version) for name, version in found.aliases.items()}

    def metrics(self, model: ModelVersion) -> dict[str, float]:
        """The numbers its run was logged with."""
        with translated(f"read the metrics of version {model.version} of model `{model.use_case}`"):
            return dict(self.client.get_run(model.run_id).data.metrics)

    def tag(self, model: ModelVersion, tags: Mapping[str, str]) -> None:
        """Add tags to the version and its run; a tag of the same name is replaced."""
        with translated(f"tag version {model.version} of model `{model.use_case}`"):
            for name, value in tags.items():
                self.client.set_model_version_tag(model.use_case, str(model.version), name, value)
                self.client.set_tag(model.run_id, name, value)

    def attach(self, model: ModelVersion, files: Path) -> None:
        """Keep the files of a folder with the model's run; files of the same name are replaced."""
        with translated(f"keep files with version {model.version} of model `{model.use_case}`"):
            self.client.log_artifacts(model.run_id, str(files))

    def _experiment(self, use_case: str) -> str:
        from mlflow.exceptions import MlflowException

        found = self.client.get_experiment_by_name(use_case)
        if found is not None:
            return str(found.experiment_id)
        root = self.artifact_root if "://" in self.artifact_root else Path(self.artifact_root).absolute().as_uri()
        try:
            return str(self.client.create_experiment(use_case, artifact_location=f"{root.rstrip('/')}/{use_case}"))
        except MlflowException as error:
            if error.error_code != "RESOURCE_ALREADY_EXISTS":
                raise
            return str(self.client.get_experiment_by_name(use_case).experiment_id)

    def _register(self, use_case: str) -> None:
        from mlflow.exceptions import MlflowException

        try:
            self.client.create_registered_model(use_case)
        except MlflowException as error:
            if error.error_code != "RESOURCE_ALREADY_EXISTS":
                raise

    def _log_folder(
        self, run: RunLog, use_case: str, predictor: Predictor, twin: Predictor | None, params: JsonObject
    ) -> tuple[Any, dict[str, str]]:
        said = {name: str(value)[:500] for name, value in params.items()}
        logged = self.client.create_logged_model(
            run.experiment, use_case, run.run_id, params=said, model_type="evergreen"
        )
        with tempfile.TemporaryDirectory(prefix="evergreen-model-") as scratch:
            folder = Path(scratch)
            hashes = {}
            for name, one in ((PREDICTOR, predictor), (TWIN, twin)):
                if one is not None:
                    one.save(folder / name)
                    hashes[name] = folder_sha256(folder / name)
            inputs = [(column.name, column.type, column.required) for column in predictor.schema]
            write_mlmodel(folder, model_id=logged.model_id, run_id=run.run_id, inputs=inputs)
            self.client.log_model_artifacts(logged.model_id, str(folder))
        self.client.finalize_logged_model(logged.model_id, "READY")
        return logged, hashes

    def _download(self, uri: str, into: Path, name: str) -> Path:
        with translated(f"download {name}"):
            from mlflow.artifacts import download_artifacts

            return Path(download_artifacts(artifact_uri=uri, dst_path=str(into), tracking_uri=self.tracking_uri))


def _local(uri: str) -> Path | None:
    parsed = urlparse(uri)
    if parsed.scheme == "file":
        return Path(url2pathname(parsed.path))
    return Path(uri) if not parsed.scheme else None
