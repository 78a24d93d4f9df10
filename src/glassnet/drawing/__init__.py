"""Pictures of networks and of what is known about them. Floor 6: draws records that lower floors made."""
