locals {
  made = { for name, machine in google_compute_instance.machine : name => {
    id              = machine.id
    zone            = machine.zone
    private_address = machine.network_interface[0].network_ip
    public_address  = machine.network_interface[0].access_config[0].nat_ip
    user            = "ubuntu"
    image           = machine.boot_disk[0].initialize_params[0].image
  } }
}

data "google_client_config" "here" {}

resource "google_compute_instance" "machine" {
  for_each = { for name, machine in local.machines : name => merge(machine, var.hardware[machine.group]) }

  name                      = each.key
  zone                      = each.value.zone
  machine_type              = each.value.host_type
  labels                    = local.tags
  tags                      = ["${var.cluster_name}-net"]
  allow_stopping_for_update = true

  boot_disk {
    initialize_params {
      image                  = each.value.image
      type                   = each.value.disk.type
      size                   = each.value.disk_gib
      provisioned_iops       = each.value.disk.iops
      provisioned_throughput = each.value.disk.throughput
      labels                 = local.tags
    }
  }

  network_interface {
    subnetwork = google_compute_subnetwork.cluster.id
    nic_type   = each.value.nic_type

    access_config {}
  }

  metadata = {
    ssh-keys                = "ubuntu:${var.public_key}"
    block-project-ssh-keys  = "TRUE"
    enable-oslogin          = "FALSE"
    enable-guest-attributes = "TRUE" # where a machine tells its host keys
    serial-port-enable      = "FALSE"
  }

  shielded_instance_config {
    enable_secure_boot          = each.value.secure_boot
    enable_vtpm                 = true
    enable_integrity_monitoring = true
  }

  scheduling {
    on_host_maintenance = each.value.maintenance
    automatic_restart   = each.value.restart

    preemptible                 = each.value.market == "spot"
    provisioning_model          = each.value.market == "spot" ? "SPOT" : "STANDARD"
    instance_termination_action = each.value.market == "spot" ? "DELETE" : null
  }

  dynamic "guest_accelerator" {
    for_each = try([var.gpus[each.value.group]], [])

    content {
      type  = guest_accelerator.value.type
      count = guest_accelerator.value.count
    }
  }

  # A newer image or other labels never replace a machine that stands. Disks that come with the machine type, or are
  # attached beside this, stay.
  lifecycle {
    ignore_changes = [boot_disk[0].initialize_params[0].image, boot_disk[0].initialize_params[0].labels, attached_disk, scratch_disk]

    postcondition {
      condition     = self.project == data.google_client_config.here.project
      error_message = "${self.name} stands in the project ${self.project}, and GOOGLE_PROJECT says ${data.google_client_config.here.project}: others would be made beside it. Say the project that it was made in, or destroy it first."
    }
  }
}
