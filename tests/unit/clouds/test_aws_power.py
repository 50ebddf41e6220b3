"""Stopping and starting machines of AWS, with the real boto3 against moto's EC2."""

import boto3
import pytest
from moto.server import ThreadedMotoServer

from styx.clouds.aws.power import power
from styx.errors import HostError
from styx.host import Host

REGION = "eu-west-1"


@pytest.fixture
def ec2(monkeypatch):
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://{}:{}".format(*server.get_host_and_port()))
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "emulated")
    yield boto3.client("ec2", region_name=REGION)
    server.stop()


def states(ec2):
    found = ec2.describe_instances()["Reservations"]
    return [one["State"]["Name"] for reservation in found for one in reservation["Instances"]]


def test_machines_are_stopped_and_started_and_twice_is_once(ec2):
    image = ec2.describe_images(Owners=["amazon"])["Images"][0]["ImageId"]
    made = ec2.run_instances(ImageId=image, InstanceType="m5.large", MinCount=2, MaxCount=2)["Instances"]
    hosts = [Host(f"h{place}", "head", place, "g", one["InstanceId"], "10.0.0.1") for place, one in enumerate(made)]
    switch = power(REGION)
    for _ in range(2):
        switch.stop(hosts)
        assert states(ec2) == ["stopped", "stopped"]
    for _ in range(2):
        switch.start(hosts)
        assert states(ec2) == ["running", "running"]
    with pytest.raises(HostError, match="InvalidInstanceID"):
        switch.stop([Host("x", "head", 0, "g", "i-0123456789abcdef0", "10.0.0.1")])
