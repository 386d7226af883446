"""What people see: domain objects to Components V2. Pure; nothing here asks or changes anything."""
