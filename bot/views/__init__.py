"""What people see in Discord: domain objects as Components V2. Pure: nothing is read or changed here."""
