"""What an address of Ray asks for, in the records of Ray Train, and what is refused before Ray is started."""

import subprocess
import sys

import pytest

import glassnet as gn
from glassnet.clustering.addresses import RayAddress, parse_address
from glassnet.clustering.joining import work_together
from glassnet.clustering.ray.configs import configs_of, folder_of, with_records
from glassnet.errors import ClusterError, MissingExtraError, ParameterError

pytest.importorskip("ray.train")


def configs(text, folder):
    address = parse_address(text)
    assert isinstance(address, RayAddress)
    return configs_of(address, folder)


def test_a_range_of_workers_is_elastic(tmp_path):
    scaling, run = configs("ray://auto?workers=2..8&retries=5&cpus=4", tmp_path / "run1")

    assert (scaling.num_workers, scaling.elasticity_enabled) == ((2, 8), True)
    assert scaling.resources_per_worker == {"CPU": 4}
    assert run.failure_config.max_failures == 5
    assert folder_of(run) == tmp_path / "run1"


def test_one_number_of_workers_is_fixed(tmp_path):
    scaling, run = configs("ray://10.0.0.1:6379?workers=3", tmp_path)

    assert (scaling.num_workers, scaling.use_gpu, run.failure_config.max_failures) == (3, False, 3)


def test_gpus_are_reserved(tmp_path):
    scaling, _ = configs("ray://auto?workers=2&gpus=1", tmp_path)

    assert scaling.use_gpu
    assert scaling.resources_per_worker == {"CPU": 1, "GPU": 1}


@pytest.mark.parametrize("given, message", [
    ("retries=-1", "ray:// has retries=-1, which must be a whole number, such as retries=3"),
    ("retries=many", "ray:// has retries=many, which must be a whole number, such as retries=3"),
    ("cpus=0", "ray:// has cpus=0, which must be a whole number, such as cpus=1"),
    ("gpus=1.5", "ray:// has gpus=1.5, which must be a whole number, such as gpus=1"),
    ("colour=red", "ray:// has the parameter 'colour', but it takes workers, retries, cpus, gpus"),
])  # fmt: skip
def test_other_parameters_are_refused(given, message, tmp_path):
    with pytest.raises(ParameterError, match=message):
        configs(f"ray://auto?workers=2&{given}", tmp_path)


def test_a_run_in_an_object_store_is_refused():
    from ray.train.v2.api.config import RunConfig

    with pytest.raises(ParameterError, match=r"storage_path='s3://bucket/a'\) must be a folder that all hosts share"):
        folder_of(RunConfig(name="run1", storage_path="s3://bucket/a"))


def test_a_launch_needs_a_folder():
    with pytest.raises(
        ParameterError, match="cluster='ray://auto' needs a folder for checkpoints that all hosts share"
    ):
        work_together(RayAddress("auto", (2, 2)), lambda comm: comm.rank)


def test_a_missing_cluster_is_told(tmp_path, monkeypatch):
    """Ray looks for the address of a cluster in its environment, in its temporary folder, and among the processes."""
    import ray

    def init(**settings):
        raise ConnectionError("Could not find any running Ray instance. Please specify the one to connect to.")

    monkeypatch.setattr(ray, "init", init)

    with pytest.raises(
        ClusterError, match="the Ray cluster at 'auto' cannot be reached: Could not find any running Ray"
    ) as told:
        work_together(RayAddress("auto", (2, 2)), lambda comm: comm.rank, folder=tmp_path)
    assert "Start one by `ray start --head`, or use 'ray://local?workers=2'" in str(told.value)


def test_records_of_ray_train_are_taken_as_they_are(tmp_path):
    from ray.train import FailureConfig, RunConfig, ScalingConfig

    scaling = ScalingConfig(num_workers=(2, 8))
    run = RunConfig(name="run1", storage_path=str(tmp_path), failure_config=FailureConfig(max_failures=7))
    address, folder = with_records(RayAddress("auto", (1, 1)), None, scaling, run)

    assert folder == tmp_path / "run1"
    assert configs_of(address, folder) == (scaling, run)


def test_one_record_leaves_the_other_to_the_address(tmp_path):
    from ray.train import ScalingConfig

    scaling = ScalingConfig(num_workers=3)
    address, folder = with_records(RayAddress("auto", (1, 1), {"retries": "5"}), tmp_path / "run2", scaling, None)
    given, run = configs_of(address, folder)

    assert given is scaling
    assert (run.name, run.storage_path, run.failure_config.max_failures) == ("run2", str(tmp_path), 5)


def fit(tmp_path, **given):
    model = gn.GlassClassifier((4,), max_iter=2, random_state=0)
    return gn.fit_on_cluster(model, [[0.0], [1.0]] * 10, ["no", "yes"] * 10, **given)


def test_records_go_with_ray_alone(tmp_path):
    from ray.train import RunConfig

    with pytest.raises(
        ParameterError, match="scaling_config and run_config are records of Ray Train; use them with cluster"
    ):
        fit(tmp_path, cluster="local", run_config=RunConfig(storage_path=str(tmp_path)))


def test_two_folders_are_refused(tmp_path):
    from ray.train import RunConfig

    with pytest.raises(
        ParameterError, match="checkpoint='a' and run_config both name a folder for checkpoints; give one"
    ):
        fit(tmp_path, cluster="ray://auto", checkpoint="a", run_config=RunConfig(storage_path=str(tmp_path)))


def test_a_record_of_another_kind_is_refused(tmp_path):
    with pytest.raises(ParameterError, match=r"scaling_config is a builtins\.dict; use a ray\.train\.ScalingConfig"):
        fit(tmp_path, cluster="ray://auto", scaling_config={"num_workers": 2})


def test_without_ray_the_extra_is_named(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "ray", None)

    with pytest.raises(MissingExtraError, match=r"cluster=ray:// needs the package ray, .*\[ray\]"):
        work_together(RayAddress("auto", (2, 2)), lambda comm: comm.rank, folder=tmp_path)


def test_ray_is_imported_only_where_it_is_used():
    code = "import sys, glassnet.clustering.ray.launcher, glassnet.clustering.ray.configs; print('ray' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"
