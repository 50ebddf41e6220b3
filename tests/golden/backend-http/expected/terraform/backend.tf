terraform {
  backend "http" {
    address        = "https://state.example.com/$${cluster}"
    lock_address   = "https://state.example.com/lock"
    unlock_address = "https://state.example.com/lock"
  }
}
