variable "leased" {
  description = "Machine => the host that is leased for it. Styx writes it to run.auto.tfvars.json; what stands keeps its host."
  type = map(object({
    id              = string
    private_address = string
    public_address  = string
    user            = string
    port            = number
    key             = string
    proxy_jump      = string
    proxy_key       = string
    vcpus           = number
    memory_gib      = number
    gpus            = number
  }))
  default = {}
}

variable "labels" {
  description = "What the leased hosts must be labelled with."
  type        = map(string)
}
