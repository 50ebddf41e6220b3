"""What a change of AWS's resources does.

Source: the documentation of hashicorp/aws 6, "can be updated in place with an instance stop".
"""

from styx.clouds.effects import Effects

EFFECTS = Effects(
    data=frozenset({"aws_instance", "aws_ebs_volume"}),
    restarts={"aws_instance": frozenset({"ebs_optimized", "instance_type", "user_data", "user_data_base64"})},
    unnoticed=frozenset({"aws_key_pair"}),
)
