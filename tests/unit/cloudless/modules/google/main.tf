terraform {
  required_providers {
    google = {
      source  = "hashicorp/google"
      version = "~> 6.0"
    }
  }
}

provider "google" {
  region = "us-central1"
}

variable "machines" {
  type    = number
  default = 2
}

variable "caller" {
  type    = string
  default = "192.0.2.7/32"
}

variable "image" {
  type    = string
  default = "projects/ubuntu-os-cloud/global/images/family/ubuntu-2404-lts-amd64"
}

variable "labels" {
  type    = map(string)
  default = { styx-cluster = "c1" }
}

resource "google_compute_network" "this" {
  name                    = "c1"
  auto_create_subnetworks = false
}

resource "google_compute_subnetwork" "this" {
  name          = "c1"
  network       = google_compute_network.this.id
  ip_cidr_range = "10.1.1.0/24"
}

resource "google_compute_firewall" "ssh" {
  name          = "c1-ssh"
  network       = google_compute_network.this.id
  source_ranges = [var.caller]
  target_tags   = ["c1"]

  allow {
    protocol = "tcp"
    ports    = ["22"]
  }
}

resource "google_compute_instance" "this" {
  for_each     = toset([for rank in range(var.machines) : "c1-w${rank}"])
  name         = each.key
  zone         = "us-central1-b"
  machine_type = "n2-standard-4"
  labels       = var.labels
  tags         = ["c1"]

  boot_disk {
    initialize_params {
      image = var.image
      size  = 100
      type  = "pd-balanced"
    }
  }

  network_interface {
    subnetwork = google_compute_subnetwork.this.id
    access_config {}
  }
}

output "hosts" {
  value = { for name, machine in google_compute_instance.this : name => {
    id      = machine.id
    private = machine.network_interface[0].network_ip
    public  = machine.network_interface[0].access_config[0].nat_ip
    labels  = machine.effective_labels
    image   = machine.boot_disk[0].initialize_params[0].image
  } }
}
