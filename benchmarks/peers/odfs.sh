# Sourced by peers.sh: OrleansDfs as AppHost starts it, in Release: gateway, three silos, PostgreSQL; three durable copies, fsync on everywhere.

odfs_packages=(postgresql)
odfs_programs=() # PostgreSQL's are not on the PATH on Debian
if ! compgen -G '/usr/lib/postgresql/*/bin/postgres' >/dev/null; then odfs_programs=(postgres); fi

odfs_build() {
  ORLEANSDFS_ASPIRE=false dotnet build "$repository/AppHost" -c Release -v q -clp:NoSummary </dev/null
}

odfs_start() {
  local folder=$root/odfs port
  free_port
  mkdir -p "$folder"
  ORLEANSDFS_ACCESS_KEY=$access_key ORLEANSDFS_SECRET_KEY=$secret_key ORLEANSDFS_CATALOG=postgres \
    launch "$root/odfs.out" dotnet "$repository/AppHost/bin/Release/net10.0/OrleansDfs.AppHost.dll" --data "$folder" --port "$port"
  until_true 180 OrleansDfs "$root/odfs.out" odfs_is_ready "$port"
  target odfs "$port" "$access_key" "$secret_key"
}

# Not without all three nodes: with two the cluster would acknowledge on two copies (P30).
odfs_is_ready() {
  local silo
  for silo in silo1 silo2 silo3; do
    grep -q "^$silo *| -- Healthy" "$root/odfs.out" || return 1
  done
  grep -q 'OrleansDfs is ready' "$root/odfs.out" && answers "$1" /
}
