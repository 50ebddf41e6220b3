-- How fast one accelerator is: TFLOPS of dense BF16 or FP16 arithmetic (FP32 where it has neither), from its maker's
-- data sheet. They only order machines for `minimize: time`; one that is not here counts as the slowest.
CREATE OR REPLACE TEMP TABLE speeds AS FROM (VALUES
    ('A10', 125), -- NVIDIA A10 data sheet: BF16 tensor
    ('A100', 312), -- NVIDIA A100 data sheet: BF16 tensor
    ('A100-80GB', 312), -- NVIDIA A100 data sheet: BF16 tensor
    ('A10G', 70), -- AWS G5 page: FP16 tensor
    ('A6000', 155), -- NVIDIA RTX A6000 data sheet: FP16 tensor
    ('B200', 2250), -- NVIDIA DGX B200 data sheet: BF16 tensor
    ('B300', 2250), -- NVIDIA Blackwell Ultra data sheet: BF16 tensor
    ('GB200', 2500), -- NVIDIA GB200 NVL72 data sheet: BF16 tensor
    ('GB300', 2500), -- NVIDIA GB300 NVL72 data sheet: BF16 tensor
    ('GH200', 990), -- NVIDIA GH200 data sheet: BF16 tensor
    ('H100', 989), -- NVIDIA H100 data sheet: BF16 tensor
    ('H100-MEGA', 989), -- NVIDIA H100 data sheet: BF16 tensor
    ('H200', 989), -- NVIDIA H200 data sheet: BF16 tensor
    ('Inferentia2', 190), -- AWS Inferentia2 page: BF16
    ('K80', 8.7), -- NVIDIA K80 data sheet: FP32 with boost
    ('L4', 121), -- NVIDIA L4 data sheet: BF16 tensor
    ('L40S', 362), -- NVIDIA L40S data sheet: BF16 tensor
    ('M60', 9.6), -- NVIDIA M60 data sheet: FP32 of both processors
    ('MI25', 24.6), -- AMD MI25 data sheet: FP16
    ('MI300X', 1307), -- AMD MI300X data sheet: BF16
    ('P100', 21.2), -- NVIDIA P100 data sheet: FP16
    ('P4', 5.5), -- NVIDIA P4 data sheet: FP32
    ('RTX6000', 130), -- NVIDIA Quadro RTX 6000 data sheet: FP16 tensor
    ('T4', 65), -- NVIDIA T4 data sheet: FP16 tensor
    ('T4g', 65), -- as T4
    ('Trainium', 190), -- AWS Trainium page: BF16
    ('Trainium2', 667), -- AWS Trainium2 page: BF16
    ('V100', 125), -- NVIDIA V100 data sheet: FP16 tensor
    ('V100-32GB', 125), -- NVIDIA V100 data sheet: FP16 tensor
    ('V620', 40.5)  -- AMD Radeon PRO V620 data sheet: FP16
) AS speeds (name, tflops)
